"""Logging in, and how little a refusal tells."""

from typing import Any

import pytest
from django.contrib.auth import hashers
from rest_framework.test import APIClient

from accounts import services
from accounts.clients import Client
from accounts.errors import AuthenticationFailed
from accounts.models import Session, User
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.hashers import CheapArgon2

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login"


def log_in(api: APIClient, email: Any, password: Any = PASSWORD) -> Any:
    return api.post(LOGIN, {"email": email, "password": password}, format="json")


def without_request_id(response: Any) -> dict[str, Any]:
    return {name: value for name, value in response.json().items() if name != "request_id"}


def test_the_right_password_logs_in(api: APIClient, user: User) -> None:
    response = api.post(
        LOGIN, {"email": f" {user.email.upper()} ", "password": PASSWORD}, format="json", HTTP_USER_AGENT="curl"
    )
    assert response.status_code == 200
    assert response.json()["user"]["id"] == str(user.pk)
    assert {"user", "access", "refresh"} == set(response.json())
    session = Session.objects.get()
    assert (session.user, session.user_agent, session.ip) == (user, "curl", "127.0.0.1")


def test_the_legacy_address_does_the_same(api: APIClient, user: User) -> None:
    response = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD}, format="json")
    assert response.status_code == 200
    assert "Deprecation" in response.headers


def test_a_bad_token_beside_it_does_not_matter(api: APIClient, user: User) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer long-expired")
    assert log_in(api, user.email).status_code == 200


def test_a_wrong_password_and_an_unknown_email_are_answered_alike(api: APIClient, user: User) -> None:
    wrong, unknown = log_in(api, user.email, "wrong"), log_in(api, "nobody@iqx.example", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["code"] == "authentication_failed"
    assert without_request_id(wrong) == without_request_id(unknown)
    assert not Session.objects.exists()


def test_both_cost_one_hash(api: APIClient, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(CheapArgon2, name)

        def counted(self: Any, password: str, *rest: Any, _real: Any = real, _name: str = name) -> Any:
            hashed.append(_name)
            return _real(self, password, *rest)

        monkeypatch.setattr(CheapArgon2, name, counted)
    log_in(api, user.email, "wrong")
    assert hashed == ["verify"]
    log_in(api, "nobody@iqx.example", "wrong")
    assert hashed == ["verify", "encode"]


def test_a_suspended_user_learns_it_only_by_his_password(api: APIClient) -> None:
    user = make_user(is_active=False)
    wrong, right = log_in(api, user.email, "wrong"), log_in(api, user.email)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "authentication_failed")
    assert (right.status_code, right.json()["code"]) == (403, "account_suspended")
    assert not Session.objects.exists()


def test_a_password_changed_while_it_was_checked_opens_nothing(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash is slow and outside of any transaction: a thief could slip in with the old password meanwhile."""

    def change_meanwhile(password: str, encoded: str) -> bool:
        matches = hashers.check_password(password, encoded)
        User.objects.update(password=hashers.make_password("a-new-one-9"))
        return matches

    monkeypatch.setattr("accounts.services.sessions.check_password", change_meanwhile)
    with pytest.raises(AuthenticationFailed):
        services.log_in(email=user.email, password=PASSWORD, client=Client())
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@iqx.example"},
        {"password": PASSWORD},
        {"email": None, "password": None},
        {"email": ["a"], "password": {"b": 1}},
        {"email": "x" * 300, "password": "y"},
        {"email": "a@iqx.example", "password": "y" * 129},
    ],
)
def test_bad_input_is_refused(api: APIClient, body: dict[str, Any]) -> None:
    response = api.post(LOGIN, body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "validation_error")
