"""An access token is good for its session's life, and only if every claim is right."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts import selectors, services
from accounts.errors import AuthenticationFailed
from accounts.models import EndReason, Session, User
from accounts.tokens import Principal
from tests.factories.accounts import auth_client, log_in, make_user

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"


def get_me(api: APIClient, authorization: str) -> Any:
    return api.get(ME, HTTP_AUTHORIZATION=authorization)


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def signed(claims: dict[str, Any], *, key: str = settings.SECRET_KEY, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


def test_no_token_is_not_authenticated(api: APIClient) -> None:
    response = api.get(ME)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_asks_is_found_by_one_query(user: User, django_assert_num_queries: Any) -> None:
    client = auth_client(user)
    with django_assert_num_queries(1):
        assert client.post("/api/v1/auth/blocks", {}, format="json").status_code == 400


def test_the_principal_is_the_token_s(user: User) -> None:
    login = log_in(user)
    principal = services.authenticate_access(login.tokens.access)
    assert isinstance(principal, Principal)
    assert (principal.user_id, principal.session_id) == (user.pk, login.session.pk)
    assert timedelta(0) < principal.expires_at - datetime.now(UTC) <= timedelta(minutes=15)


def without(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda claims: signed({key: value for key, value in claims.items() if key != name})


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "unsigned": lambda claims: jwt.encode(claims, "", algorithm="none"),
    "another key": lambda claims: signed(claims, key="x" * 64),
    "another algorithm": lambda claims: signed(claims, key=settings.SECRET_KEY, algorithm="HS512"),
    "another audience": lambda claims: signed(claims | {"aud": "elsewhere"}),
    "another issuer": lambda claims: signed(claims | {"iss": "elsewhere"}),
    "another type": lambda claims: signed(claims | {"token_type": "refresh"}),
    "expired": lambda claims: signed(claims | {"exp": int(datetime.now(UTC).timestamp()) - 1}),
    "another's session": lambda claims: signed(claims | {"sub": str(uuid4())}),
    "no such session": lambda claims: signed(claims | {"sid": str(uuid4())}),
    "a session that is no id": lambda claims: signed(claims | {"sid": "1 OR 1"}),
    "a session that is no text": lambda claims: signed(claims | {"sid": 7}),
    **{f"no {name}": without(name) for name in ("sub", "sid", "exp", "aud", "iss", "jti", "token_type")},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(api: APIClient, user: User, forgery: str) -> None:
    token = log_in(user).tokens.access
    forged = FORGERIES[forgery](claims_of(token))
    response = get_me(api, f"Bearer {forged}")
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")
    with pytest.raises(AuthenticationFailed):
        services.authenticate_access(forged)
    assert get_me(api, f"Bearer {token}").status_code == 200, "the token it was made from is good"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a.b.c", "bearer \u00e4", "Bearer x y"])
def test_rubbish_is_refused(api: APIClient, db: None, header: str) -> None:
    response = get_me(api, header)
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")


@pytest.mark.parametrize("token", ["\ud800", "a.b.\ud800", ""])
def test_rubbish_from_a_socket_is_refused(db: None, token: str) -> None:
    with pytest.raises(AuthenticationFailed):
        services.authenticate_access(token)


def test_an_ended_session_s_token_is_worth_nothing(api: APIClient, user: User) -> None:
    login = log_in(user)
    services.log_out(token=login.tokens.refresh)
    response = get_me(api, f"Bearer {login.tokens.access}")
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")


def test_a_suspended_user_s_token_is_worth_nothing(api: APIClient, user: User) -> None:
    login = log_in(user)
    User.objects.update(is_active=False)
    assert get_me(api, f"Bearer {login.tokens.access}").status_code == 401
    assert selectors.live_sessions([login.session.pk]) == set()


def test_live_sessions_are_told_from_ended_ones() -> None:
    live, ended = log_in(make_user()).session, log_in(make_user()).session
    Session.objects.filter(pk=ended.pk).update(ended_at=ended.created_at, end_reason=EndReason.LOGOUT)
    assert selectors.live_sessions([live.pk, ended.pk, uuid4()]) == {live.pk}
