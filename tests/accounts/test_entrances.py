"""The ways in that are no endpoint of a user's: the worker, the command line; and what all endpoints declare."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from procrastinate.contrib.django import app
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts import representations, services
from accounts.api import serializers
from accounts.api.permissions import IsAdmin, IsStaffMember
from accounts.api.views import MeView
from accounts.models import EmailToken, Role, Session, User
from iqx.core import clock
from tests.accounts.conftest import Travel
from tests.factories.accounts import PASSWORD, log_in, make_user


@pytest.mark.django_db(transaction=True)
def test_the_worker_mails_what_was_committed(mailoutbox: list[Any]) -> None:
    user = make_user()
    services.request_password_reset(email=user.email)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [("Choose a new password", [user.email])]
    assert "valid for one hour" in mailoutbox[0].body


@pytest.mark.django_db
def test_what_has_expired_is_purged(travel: Travel) -> None:
    user = make_user()
    log_in(user)
    services.request_password_reset(email=user.email)
    services.begin_log_in()
    nothing = dict.fromkeys(("codes", "refresh_tokens", "sessions", "challenges", "step_up_codes", "counters"), 0)
    assert services.purge() == nothing
    travel.forward(days=31)
    assert services.purge() == nothing | {"codes": 1, "refresh_tokens": 1, "challenges": 1}
    travel.forward(days=366)
    app.tasks["accounts.purge"](timestamp=0)
    assert not Session.objects.exists()
    assert not EmailToken.objects.exists()


@pytest.mark.django_db
class TestCreateAdmin:
    def test_makes_an_admin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IQX_ADMIN_PASSWORD", PASSWORD)
        out = StringIO()
        call_command("create_admin", email="Boss@iqx.example", stdout=out)
        user = User.objects.get()
        assert (user.email, user.role, user.email_verified_at is None) == ("boss@iqx.example", "admin", False)
        assert user.check_password(PASSWORD)
        assert "boss@iqx.example is an admin" in out.getvalue()

    def test_asks_for_the_password_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("IQX_ADMIN_PASSWORD", raising=False)
        answers = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
        monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
        call_command("create_admin", email="boss@iqx.example", stdout=StringIO())
        with pytest.raises(CommandError, match="differ"):
            call_command("create_admin", email="other@iqx.example")
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        ("email", "password"),
        [("no address", PASSWORD), ("a@iqx.example", "password"), ("taken@iqx.example", PASSWORD)],
    )
    def test_refuses_what_would_not_do(self, monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> None:
        make_user(email="taken@iqx.example")
        monkeypatch.setenv("IQX_ADMIN_PASSWORD", password)
        with pytest.raises(CommandError):
            call_command("create_admin", email=email)
        assert not User.objects.filter(role=Role.ADMIN).exists()


@pytest.mark.parametrize(
    ("permission", "method", "roles"),
    [
        (IsStaffMember, "get", {"support", "admin", "auditor"}),
        (IsStaffMember, "post", {"support", "admin"}),
        (IsAdmin, "get", {"admin"}),
        (IsAdmin, "post", {"admin"}),
    ],
)
def test_permissions_go_by_role(permission: Any, method: str, roles: set[str]) -> None:
    def permits(user: Any) -> bool:
        request = Request(APIRequestFactory().generic(method.upper(), "/"))
        request.user = user
        return bool(permission().has_permission(request, MeView()))

    assert {role for role in Role.values if permits(User(role=role))} == roles
    assert not permits(None)


def test_what_is_answered_is_what_is_declared() -> None:
    user = User(email="a@iqx.example")
    session = Session(user=user, last_used_at=clock.now() + timedelta(1))
    declared = {
        serializers.UserSerializer: representations.user_json(user),
        serializers.PublicUserSerializer: representations.public_user_json(user),
        serializers.SessionSerializer: representations.session_json(session),
        serializers.LimitsSerializer: representations.user_json(user)["limits"],
    }
    for serializer, answer in declared.items():
        assert set(serializer().fields) == set(answer)
