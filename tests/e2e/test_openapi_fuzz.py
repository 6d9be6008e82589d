"""What schemathesis makes of the OpenAPI document: every operation answers as it says, whatever it is sent.

`IQX_FUZZ_EXAMPLES` is how many random requests each operation gets; with it, the systematic ones are sent as well.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from accounts.models import User
from iqx.core import pulse
from iqx.core.models import PulseKind
from tests.e2e.document import STAFF_PREFIX, document
from tests.e2e.world import World
from tests.factories.accounts import log_in

pytestmark = pytest.mark.django_db

EXAMPLES = os.environ.get("IQX_FUZZ_EXAMPLES")


def schema(mode: str, *, for_staff: bool = False) -> Any:
    """The document, ready to make valid requests ("positive") or all kinds ("all")."""
    config = {
        "generation": {"mode": mode},
        "phases": {"coverage": {"enabled": bool(EXAMPLES)}},
        "checks": {
            # A request may fit the document and be refused nevertheless: no such market, not enough funds.
            "positive_data_acceptance": {"enabled": False},
            # Numbers are taken for amounts and texts, where the document promises to take strings.
            "negative_data_rejection": {"enabled": False},
        },
    }
    loaded = schemathesis.openapi.from_dict(document(for_staff=for_staff), config=SchemathesisConfig.from_dict(config))
    loaded.app = get_wsgi_application()
    return loaded


few = settings(
    max_examples=int(EXAMPLES or 6),
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
everything = schema("all")
about_objects = schema("positive").include(path_regex=r"\{")
of_staff = schema("all", for_staff=True)
about_objects_of_staff = schema("positive", for_staff=True).include(path_regex=r"\{")


@pytest.fixture(autouse=True)
def one_connection(db: None) -> Iterator[None]:
    """Keep requests from closing the connection that the test's transaction is on, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def a_worker_that_works(db: None) -> None:
    """Else the platform is degraded, which is a 503 to whoever asks strictly."""
    pulse.beat(PulseKind.WORKER)


@everything.parametrize()
@few
def test_any_input_is_answered_as_documented(case: Any, world: World) -> None:
    case.call_and_validate(headers=credentials(case, world))


@about_objects.parametrize()
@few
def test_requests_about_own_objects_are_answered_as_documented(case: Any, world: World) -> None:
    case.path_parameters = {name: str(world.ids[name]) for name in case.path_parameters}
    case.call_and_validate(headers=credentials(case, world))


@of_staff.parametrize()
@few
def test_any_input_of_staffs_is_answered_as_documented(case: Any, world: World) -> None:
    case.call_and_validate(headers=credentials(case, world))


@about_objects_of_staff.parametrize()
@few
def test_requests_of_staffs_about_objects_are_answered_as_documented(case: Any, world: World) -> None:
    case.path_parameters = {name: str(world.ids[name]) for name in case.path_parameters}
    case.call_and_validate(headers=credentials(case, world))


def credentials(case: Any, world: World) -> dict[str, str]:
    user: User = world.admin if case.path.startswith(STAFF_PREFIX) else world.alice
    return {"Authorization": f"Bearer {log_in(user).tokens.access}"}
