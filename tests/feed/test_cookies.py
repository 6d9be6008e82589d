"""The session cookie at the socket: for pages of ours alone, and for as long as the session lives."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.test import Client as Page
from pytest_django import Settings

from accounts.browser_sessions import Browser, browser_of, live_browsers
from accounts.feed import live_sessions
from accounts.models import Role, User
from accounts.tokens import read_access
from iqx.core import bell, clock
from iqx.core.events import market_stream, user_stream
from iqx.core.feed.ports import Principal
from tests.e2e.processes import web_server
from tests.factories.accounts import log_in, make_user
from tests.factories.orders import SYMBOL, make_market
from tests.feed.applications import append_events
from tests.feed.clients import Client, ServerProcess

HOST = b"iqx.example"


def page_of(user: User) -> Page:
    """A browser in which the user is logged in."""
    page = Page()
    page.force_login(user)
    return page


def cookie_of(page: Page) -> str:
    return f"sessionid={page.cookies['sessionid'].value}"


def handshake(page: Page, origin: str | None = "http://iqx.example") -> dict[bytes, bytes]:
    headers = {b"host": HOST, b"cookie": f"theme=dark; {cookie_of(page)}".encode()}
    return headers | ({b"origin": origin.encode()} if origin is not None else {})


@pytest.mark.django_db
class TestWhoseCookie:
    @pytest.mark.parametrize("origin", ["http://iqx.example", "https://iqx.example", None])
    def test_pages_of_ours_and_programs_speak_for_the_user(self, origin: str | None) -> None:
        user = make_user()
        found = browser_of(handshake(page_of(user), origin))
        assert found
        assert found.user_id == user.pk
        assert str(found.session_id) not in found.key

    @pytest.mark.parametrize(
        "origin",
        [
            "http://evil.example", "http://iqx.example:8080", "http://iqx.example.evil.example", "null", "",
            "http://evil.example/iqx.example", "ftp://iqx.example", "http://user@iqx.example", "http://[iqx", "\xff",
        ],
    )  # fmt: skip
    def test_pages_of_others_do_not(self, origin: str) -> None:
        assert browser_of(handshake(page_of(make_user()), origin)) is None

    def test_an_origin_that_is_trusted_does(self, settings: Settings) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://app.example"]
        page = page_of(make_user())
        assert browser_of(handshake(page, "https://app.example"))
        assert browser_of(handshake(page, "http://app.example")) is None

    def test_where_cookies_are_for_tls_alone_a_page_without_it_is_a_strangers(self, settings: Settings) -> None:
        settings.SESSION_COOKIE_SECURE = True
        page = page_of(make_user())
        assert browser_of(handshake(page, "http://iqx.example")) is None
        assert browser_of(handshake(page, "https://iqx.example"))

    @pytest.mark.parametrize(
        "cookie", ["", "sessionid=", "sessionid=nonsense", 'sessionid="', "\xff=\x01;;", "a" * 9999]
    )
    def test_a_cookie_that_is_none_is_nobodys(self, cookie: str) -> None:
        assert browser_of({b"host": HOST, b"cookie": cookie.encode("latin1")}) is None


@pytest.mark.django_db
class TestHowLong:
    @pytest.fixture
    def user(self) -> User:
        return make_user()

    @pytest.fixture
    def page(self, user: User) -> Page:
        return page_of(user)

    @pytest.fixture
    def browser(self, page: Page) -> Browser:
        found = browser_of(handshake(page))
        assert found
        assert live_browsers([found]) == {found.session_id}
        return found

    @pytest.fixture
    def rung(self, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
        ids: list[UUID] = []
        monkeypatch.setattr(bell, "ring_ended", ids.extend)
        return ids

    def test_logging_out_ends_it_and_rings(
        self, browser: Browser, page: Page, rung: list[UUID], django_capture_on_commit_callbacks: object
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            page.logout()
        assert rung == [browser.session_id]
        assert live_browsers([browser]) == set()

    def test_suspension_ends_it(self, browser: Browser, user: User) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert live_browsers([browser]) == set()

    def test_a_new_password_ends_it(self, browser: Browser, user: User) -> None:
        User.objects.filter(pk=user.pk).update(password="another")
        assert live_browsers([browser]) == set()

    def test_expiry_ends_it(self, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        later = clock.now() + timedelta(days=15)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert live_browsers([browser]) == set()

    def test_another_user_in_the_same_session_ends_it(self, browser: Browser, page: Page) -> None:
        other = make_user()
        session = page.session
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(other.pk), other.get_session_auth_hash()
        session.save()
        assert live_browsers([browser]) == set()

    def test_sessions_of_tokens_and_cookies_are_asked_for_together(
        self, browser: Browser, user: User, django_assert_num_queries: object
    ) -> None:
        others = [browser_of(handshake(page_of(make_user()))) for _ in range(3)]
        principals: list[Principal] = [browser, *filter(None, others), read_access(log_in(user).tokens.access)]
        with django_assert_num_queries(3):  # type: ignore[operator]
            assert live_sessions(principals) == {principal.session_id for principal in principals}


@contextmanager
def page_socket(server: ServerProcess, page: Page, origin: str) -> Iterator[Client]:
    with server.client(additional_headers={"Cookie": cookie_of(page)}, origin=origin) as client:
        yield client


@pytest.mark.django_db(transaction=True)
def test_a_page_follows_its_user_until_he_logs_out_and_a_strangers_page_only_what_is_public() -> None:
    make_market()
    user = make_user(role=Role.ADMIN)
    page = page_of(user)
    with (
        web_server() as server,
        page_socket(server, page, server.address) as own,
        page_socket(server, page, "http://evil.example") as foreign,
    ):
        assert foreign.ask("subscribe", channel="user")["code"] == "not_authenticated"
        for client in (own, foreign):
            client.subscribe(market=SYMBOL)
        own.subscribe("user")
        append_events(user_stream(user.pk), [{"available": "1.000000"}], type="wallet_updated")
        append_events(market_stream(SYMBOL), [{}])
        assert sorted(event["channel"] for event in own.events(2)) == ["market_updates", "user"]
        assert foreign.seqs(1) == [1]
        log_out_in_the_admin(server, page)
        assert own.close_code() == 4001
        assert foreign.ask("ping")["op"] == "pong"


def log_out_in_the_admin(server: ServerProcess, page: Page) -> None:
    token = "x" * 32
    headers = {"Cookie": f"{cookie_of(page)}; csrftoken={token}", "X-CSRFToken": token, "Origin": server.address}
    answer = httpx.post(f"{server.address}/admin/logout/", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
