"""Becoming a user."""

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import EmailToken, Session, User
from tests.accounts.conftest import RunJobs, Travel
from tests.factories.accounts import PASSWORD, auth_client, make_user

pytestmark = pytest.mark.django_db

REGISTER, VERIFY = "/api/v1/auth/register", "/api/v1/auth/email/verify"


def code_in(message: Any) -> str:
    return next(str(line).strip() for line in message.body.splitlines() if line.startswith("    "))


def register(api: APIClient, **body: Any) -> Any:
    return api.post(REGISTER, {"email": "ann@iqx.example", "password": PASSWORD} | body, format="json")


def test_registering_logs_in(api: APIClient) -> None:
    response = register(api, email=" Ann@IQX.example ", display_name="Ann")
    assert response.status_code == 201
    answer = response.json()
    assert answer["user"] | {"id": "", "created_at": ""} == {
        "id": "",
        "email": "ann@iqx.example",
        "display_name": "Ann",
        "role": "user",
        "kyc_status": "none",
        "kyc_level": 0,
        "email_verified": False,
        "two_factor": False,
        "created_at": "",
        "trading_paused_until": None,
        "limits": {"deposit": "1000000.000000", "trade": "100000.000000", "withdrawal": "1000000.000000"},
    }
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer['access']}")
    me = api.get("/api/v1/auth/me").json()
    assert me["limits"].pop("used") == dict.fromkeys(("deposit", "withdrawal", "trade"), "0.000000")
    assert me == answer["user"]


def test_a_name_not_given_says_nothing_of_its_owner(api: APIClient) -> None:
    name = register(api).json()["user"]["display_name"]
    assert name.startswith("trader-")
    assert "ann" not in name


def test_the_password_is_stored_as_argon2id(api: APIClient) -> None:
    register(api)
    assert User.objects.get().password.startswith("argon2$argon2id$")


def test_a_known_email_is_refused_in_any_case(api: APIClient) -> None:
    make_user(email="ann@iqx.example")
    response = register(api, email="ANN@iqx.example")
    assert (response.status_code, response.json()["code"]) == (409, "email_taken")
    assert (User.objects.count(), Session.objects.count(), EmailToken.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "x" * 250 + "@iqx.example"),
        ("email", "mi\u212ae@iqx.example"),
        ("email", None),
        ("password", "seven77"),
        ("password", "password"),
        ("password", "ann@iqx.example"),
        ("password", "x" * 129),
        ("password", "12345678901"),
        ("password", {"a": 1}),
        ("display_name", ""),
        ("display_name", "x" * 41),
        ("display_name", "\u202eAnn"),
        ("display_name", "Ann\u200b"),
        ("display_name", "a\nb"),
        ("display_name", "\u3164"),
        ("display_name", "Ann\ufe0f"),
        ("display_name", ["Ann"]),
    ],
)
def test_bad_input_is_refused(api: APIClient, field: str, value: Any) -> None:
    response = register(api, **{field: value})
    assert (response.status_code, response.json()["code"]) == (400, "validation_error")
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not User.objects.exists()


def test_the_mailed_code_verifies_the_address_once(api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any]) -> None:
    register(api)
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [["ann@iqx.example"]]
    code = code_in(mailoutbox[0])
    answer = api.post(VERIFY, {"token": code}, format="json")
    assert (answer.status_code, answer.json()["user"]["email_verified"]) == (200, True)
    again = api.post(VERIFY, {"token": code}, format="json")
    assert (again.status_code, again.json()["code"]) == (422, "code_invalid")


def test_an_expired_code_verifies_nothing(
    api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any], travel: Travel
) -> None:
    register(api)
    run_jobs()
    travel.forward(hours=25)
    assert api.post(VERIFY, {"token": code_in(mailoutbox[0])}, format="json").status_code == 422
    assert User.objects.get().email_verified_at is None


def test_the_code_is_in_neither_queue_nor_table(api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any]) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    register(api)
    run_jobs()
    code = code_in(mailoutbox[0])
    assert code not in str(list(ProcrastinateJob.objects.values_list("args")))
    assert code not in str(list(EmailToken.objects.values()))


class TestWhereAVerifiedEmailIsRequired:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.REQUIRE_VERIFIED_EMAIL = True

    def test_known_and_new_are_answered_alike(
        self, api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any], django_assert_num_queries: Any
    ) -> None:
        make_user(email="known@iqx.example")
        with django_assert_num_queries(4):  # the savepoint's two, the request's row, its job
            known = register(api, email="known@iqx.example")
        with django_assert_num_queries(4):
            new = register(api, email="new@iqx.example")
        assert known.status_code == new.status_code == 202
        assert known.json() == new.json()
        assert User.objects.count() == 1
        run_jobs()
        assert [mail.subject for mail in mailoutbox] == [
            "You have an account already",
            "Confirm your e-mail address",
        ]

    def test_the_code_completes_the_registration(
        self, api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any]
    ) -> None:
        register(api, display_name="Ann")
        login = {"email": "ann@iqx.example", "password": PASSWORD}
        assert api.post("/api/v1/auth/login", login, format="json").status_code == 401
        run_jobs()
        answer = api.post(VERIFY, {"token": code_in(mailoutbox[0])}, format="json").json()["user"]
        assert (answer["display_name"], answer["email_verified"]) == ("Ann", True)
        assert api.post("/api/v1/auth/login", login, format="json").status_code == 200

    def test_each_code_brings_the_password_it_was_mailed_for(
        self, api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any]
    ) -> None:
        """A stranger who registers the same address later does not slip his password in."""
        register(api)
        register(api, password="the-stranger-s-own")
        run_jobs()
        assert api.post(VERIFY, {"token": code_in(mailoutbox[0])}, format="json").status_code == 200
        late = api.post(VERIFY, {"token": code_in(mailoutbox[1])}, format="json")
        assert (late.status_code, late.json()["code"]) == (409, "email_taken")
        assert User.objects.get().check_password(PASSWORD)

    def test_an_older_account_is_told_to_verify_only_with_its_password(
        self, api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any]
    ) -> None:
        user = make_user()
        wrong = api.post("/api/v1/auth/login", {"email": user.email, "password": "x"}, format="json")
        assert wrong.json()["code"] == "authentication_failed"
        right = api.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}, format="json")
        assert (right.status_code, right.json()["code"]) == (403, "email_not_verified")
        assert not Session.objects.exists()
        run_jobs()
        api.post(VERIFY, {"token": code_in(mailoutbox[0])}, format="json")
        login = api.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}, format="json")
        assert login.status_code == 200


def test_nobody_s_mailbox_is_flooded(api: APIClient, run_jobs: RunJobs, mailoutbox: list[Any]) -> None:
    make_user(email="ann@iqx.example")
    for _ in range(15):
        assert api.post("/api/v1/auth/password/reset", {"email": "ann@iqx.example"}, format="json").status_code == 202
    run_jobs()
    assert len(mailoutbox) == 10


def test_a_display_name_can_be_changed_and_nothing_else(user: User) -> None:
    client = auth_client(user)
    answer = client.patch(
        "/api/v1/auth/me", {"display_name": "  Neu  ", "role": "admin", "kyc_level": 2}, format="json"
    )
    assert (answer.status_code, answer.json()["display_name"]) == (200, "Neu")
    user.refresh_from_db()
    assert (user.display_name, user.role, user.kyc_level) == ("Neu", "user", 0)


def test_a_bad_display_name_changes_nothing(user: User) -> None:
    assert auth_client(user).patch("/api/v1/auth/me", {"display_name": " "}, format="json").status_code == 400
    assert User.objects.get().display_name == user.display_name
