"""One's sessions: seeing them, ending them."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import EndReason, Session, User
from tests.factories.accounts import auth_client, log_in, make_user

SESSIONS = "/api/v1/auth/sessions"

pytestmark = pytest.mark.django_db


def live(user: User) -> int:
    return Session.objects.filter(user=user, ended_at=None).count()


def test_own_live_sessions_are_listed_newest_first(user: User) -> None:
    log_in(make_user())
    older = log_in(user).session
    gone = log_in(user).session
    client = auth_client(user)
    client.delete(f"{SESSIONS}/{gone.pk}")
    page = client.get(SESSIONS).json()
    assert [(item["id"] == str(older.pk), item["current"]) for item in page["results"]] == [
        (False, True),
        (True, False),
    ]


def test_the_list_costs_the_same_at_any_length(user: User, django_assert_num_queries: Any) -> None:
    client = auth_client(user)
    for _ in range(2):
        for _ in range(5):
            log_in(user)
        with django_assert_num_queries(2):
            assert client.get(SESSIONS).status_code == 200


def test_logging_out_needs_only_the_refresh_token(api: APIClient, user: User) -> None:
    login, other = log_in(user), log_in(user)
    response = api.post("/api/v1/auth/logout", {"refresh": login.tokens.refresh}, format="json")
    assert response.status_code == 204
    login.session.refresh_from_db()
    assert login.session.end_reason == EndReason.LOGOUT
    assert Session.objects.get(ended_at=None) == other.session


def test_logging_out_with_an_unknown_token_ends_nothing(api: APIClient, user: User) -> None:
    log_in(user)
    assert api.post("/api/v1/auth/logout", {"refresh": "x"}, format="json").status_code == 204
    assert live(user) == 1


def test_logging_out_everywhere_ends_all_of_one_s_own(user: User) -> None:
    stranger = make_user()
    log_in(stranger)
    log_in(user)
    client = auth_client(user)
    assert client.post("/api/v1/auth/logout-all", {}, format="json").status_code == 204
    assert (live(user), live(stranger)) == (0, 1)
    assert client.get(SESSIONS).status_code == 401


def test_a_session_of_another_s_can_be_neither_seen_nor_ended(user: User) -> None:
    stranger = make_user()
    foreign = log_in(stranger).session
    client = auth_client(user)
    for session_id in (foreign.pk, uuid4(), "rubbish"):
        response = client.delete(f"{SESSIONS}/{session_id}")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert str(foreign.pk) not in client.get(SESSIONS).content.decode()
    assert live(stranger) == 1


@pytest.mark.django_db(transaction=True)
def test_every_way_out_rings_for_the_sockets(api: APIClient, ended: list[Any]) -> None:
    user = make_user()
    first, second, third = (log_in(user) for _ in range(3))
    api.post("/api/v1/auth/logout", {"refresh": first.tokens.refresh}, format="json")
    assert ended == [first.session.pk]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {second.tokens.access}")
    api.delete(f"{SESSIONS}/{third.session.pk}")
    assert ended == [first.session.pk, third.session.pk]
    api.post("/api/v1/auth/logout-all", {}, format="json")
    assert ended == [first.session.pk, third.session.pk, second.session.pk]
