import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from orders.models import Market
from tests.browser.chromium import found_chromium, started
from tests.e2e.conftest import platform, quick_and_unlimited, shared_platform
from tests.factories.orders import make_market

__all__ = ["platform", "quick_and_unlimited", "shared_platform"]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A real browser. Its driver runs an event loop in this thread, which Django would take for its own.

    It ends with the last test that uses it: other tests of this thread run event loops of their own.
    """
    program = found_chromium()
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no Chromium: it must be installed, so that these tests run")
        pytest.skip("no Chromium: install it (Debian: apt-get install chromium), or set IQX_CHROMIUM")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with started(program) as browser:
            yield browser
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def market(transactional_db: None) -> Market:
    return make_market("USDT-EUR")
