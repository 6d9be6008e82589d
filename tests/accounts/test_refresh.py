"""Refresh tokens rotate, and one that comes back ends its family."""

import time
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import services
from accounts.errors import AuthenticationFailed
from accounts.models import EndReason, RefreshToken, Session, User
from accounts.tokens import TokenPair, digest_of
from iqx.core import clock
from tests.accounts.conftest import Travel
from tests.factories.accounts import log_in, make_user
from tests.factories.racing import at_once

REFRESH = "/api/v1/auth/refresh"


def refresh(api: APIClient, token: str) -> Any:
    return api.post(REFRESH, {"refresh": token}, format="json")


def works(api: APIClient, access: str) -> bool:
    response = api.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {access}")
    assert response.status_code == 200 or response.json()["code"] == "authentication_failed"
    return bool(response.status_code == 200)


def test_a_refresh_token_is_exchanged_for_a_new_pair(api: APIClient, user: User) -> None:
    first = log_in(user).tokens
    second = refresh(api, first.refresh)
    assert second.status_code == 200
    assert second.json()["refresh"] != first.refresh
    assert works(api, second.json()["access"])
    assert refresh(api, second.json()["refresh"]).status_code == 200
    assert Session.objects.count() == 1


def test_an_old_token_ends_its_family_and_no_other(api: APIClient, user: User, ended: list[Any]) -> None:
    stolen, other = log_in(user), log_in(user)
    second = refresh(api, stolen.tokens.refresh).json()
    reuse = refresh(api, stolen.tokens.refresh)
    assert (reuse.status_code, reuse.json()["code"]) == (401, "authentication_failed")
    assert Session.objects.get(pk=stolen.session.pk).end_reason == EndReason.REUSE
    assert refresh(api, second["refresh"]).status_code == 401
    assert not works(api, second["access"])
    assert works(api, other.tokens.access)
    assert refresh(api, other.tokens.refresh).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_sockets_of_an_ended_family_are_rung(api: APIClient, ended: list[Any]) -> None:
    login = log_in(make_user())
    refresh(api, login.tokens.refresh)
    assert ended == []
    refresh(api, login.tokens.refresh)
    assert ended == [login.session.pk]


@pytest.mark.parametrize("token", ["", "x", "x" * 201, None, 5])
def test_what_is_no_token_is_refused(api: APIClient, user: User, token: Any) -> None:
    login = log_in(user)
    assert refresh(api, token).status_code in {400, 401}
    assert works(api, login.tokens.access)


def test_an_access_token_is_no_refresh_token(api: APIClient, user: User) -> None:
    assert refresh(api, log_in(user).tokens.access).status_code in {400, 401}


def test_an_expired_token_is_refused_and_its_session_left_alone(api: APIClient, user: User, travel: Travel) -> None:
    login = log_in(user)
    travel.forward(days=31)
    assert refresh(api, login.tokens.refresh).status_code == 401
    assert Session.objects.get().ended_at is None


def test_a_suspended_user_gets_no_new_tokens(api: APIClient, user: User) -> None:
    login = log_in(user)
    User.objects.update(is_active=False)
    assert refresh(api, login.tokens.refresh).status_code == 401


def test_no_token_is_stored(user: User) -> None:
    pair = log_in(user).tokens
    stored = str(list(RefreshToken.objects.values()))
    assert pair.refresh not in stored
    assert digest_of(pair.refresh) in stored


@pytest.mark.django_db(transaction=True)
class TestEightSimultaneousUses:
    USES = 8

    def test_exactly_one_succeeds_and_the_family_ends(self) -> None:
        login = log_in(make_user())
        outcomes = at_once([lambda: services.refresh(token=login.tokens.refresh)] * self.USES)
        pairs = [outcome for outcome in outcomes if isinstance(outcome, TokenPair)]
        refusals = [outcome for outcome in outcomes if isinstance(outcome, AuthenticationFailed)]
        assert (len(pairs), len(refusals)) == (1, self.USES - 1)
        assert RefreshToken.objects.count() == 2
        assert Session.objects.get().end_reason == EndReason.REUSE
        with pytest.raises(AuthenticationFailed):
            services.authenticate_access(pairs[0].access)

    def test_the_race_is_real(self) -> None:
        """Control: looking first and marking afterwards lets more than one use through."""
        login = log_in(make_user())

        def look_then_mark() -> bool:
            token = RefreshToken.objects.get(digest=digest_of(login.tokens.refresh))
            if token.used_at:
                return False
            time.sleep(0.05)
            token.used_at = clock.now()
            token.save(update_fields=["used_at"])
            return True

        assert at_once([look_then_mark] * self.USES).count(True) > 1

    def test_refresh_against_logout_leaves_no_way_in(self) -> None:
        for _ in range(5):
            login = log_in(make_user())
            token = login.tokens.refresh
            outcomes = at_once(
                [lambda t=token: services.refresh(token=t), lambda t=token: services.log_out(token=t)]  # type: ignore[misc]
            )
            for pair in outcomes:
                if isinstance(pair, TokenPair):
                    with pytest.raises(AuthenticationFailed):
                        services.refresh(token=pair.refresh)
            with pytest.raises(AuthenticationFailed):
                services.authenticate_access(login.tokens.access)
