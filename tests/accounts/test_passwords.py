"""Changing a password, and getting in without it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import services
from accounts.models import EmailToken, EndReason, Session, User
from tests.accounts.conftest import RunJobs, Travel
from tests.accounts.test_login_guard import FREE
from tests.accounts.test_registration import code_in
from tests.factories.accounts import PASSWORD, log_in, make_user
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db

NEW = "a-new-one-9"
CHANGE, RESET, CONFIRM = (f"/api/v1/auth/password/{name}" for name in ("change", "reset", "reset/confirm"))


def change(api: APIClient, access: str, current: str = PASSWORD, new: str = NEW) -> Any:
    return api.post(
        CHANGE,
        {"current_password": current, "new_password": new},
        format="json",
        HTTP_AUTHORIZATION=f"Bearer {access}",
    )


def has_password(user: User, password: str) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


class TestChanging:
    def test_ends_every_other_session(
        self, api: APIClient, user: User, run_jobs: RunJobs, mailoutbox: list[Any]
    ) -> None:
        mine, other, stranger = log_in(user), log_in(user), log_in(make_user())
        assert change(api, mine.tokens.access).status_code == 204
        assert has_password(user, NEW)
        live = set(Session.objects.filter(ended_at=None))
        assert live == {mine.session, stranger.session}
        assert Session.objects.get(pk=other.session.pk).end_reason == EndReason.PASSWORD
        run_jobs()
        assert [(mail.subject, mail.to) for mail in mailoutbox] == [("Your password was changed", [user.email])]

    @pytest.mark.parametrize(
        ("current", "new", "status", "code"),
        [
            ("wrong", NEW, 422, "wrong_password"),
            (PASSWORD, "short", 400, "validation_error"),
            (PASSWORD, "password", 400, "validation_error"),
        ],
    )
    def test_a_refusal_changes_nothing(
        self, api: APIClient, user: User, current: str, new: str, status: int, code: str
    ) -> None:
        mine, other = log_in(user), log_in(user)
        response = change(api, mine.tokens.access, current, new)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert has_password(user, PASSWORD)
        assert set(Session.objects.filter(ended_at=None)) == {mine.session, other.session}

    def test_a_stolen_access_token_can_t_guess_the_password(self, api: APIClient, user: User, travel: Travel) -> None:
        access = log_in(user).tokens.access
        api.credentials(HTTP_IDEMPOTENCY_KEY="a-key-must-not-undo-the-count")
        codes = [change(api, access, "wrong").json()["code"] for _ in range(FREE + 1)]
        assert codes == ["wrong_password"] * FREE + ["login_locked"]

    @pytest.mark.django_db(transaction=True)
    def test_of_two_at_once_one_wins(self, ended: list[Any]) -> None:
        user = make_user()
        login = log_in(user)
        outcomes = at_once([lambda n=n: change(APIClient(), login.tokens.access, new=f"{NEW}{n}") for n in "ab"])  # type: ignore[misc]
        assert sorted(outcome.status_code for outcome in outcomes) == [204, 422]


class TestResetting:
    @pytest.fixture
    def code(self, user: User, run_jobs: RunJobs, mailoutbox: list[Any]) -> str:
        services.request_password_reset(email=user.email.upper())
        run_jobs()
        return code_in(mailoutbox.pop())

    def confirm(self, api: APIClient, code: str, password: str = NEW) -> Any:
        return api.post(CONFIRM, {"token": code, "password": password}, format="json")

    def test_known_and_unknown_emails_are_answered_alike(
        self,
        api: APIClient,
        user: User,
        run_jobs: RunJobs,
        mailoutbox: list[Any],
        django_assert_num_queries: Any,
    ) -> None:
        answers = []
        for email in (user.email, "nobody@iqx.example"):
            with django_assert_num_queries(4):
                answers.append(api.post(RESET, {"email": email}, format="json"))
        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].json() == answers[1].json()
        run_jobs()
        assert [mail.to for mail in mailoutbox] == [[user.email]]

    def test_the_code_opens_a_new_session_and_ends_the_old(self, api: APIClient, user: User, code: str) -> None:
        old = log_in(user)
        response = self.confirm(api, code)
        assert response.status_code == 200
        assert response.json()["user"]["email_verified"] is True
        assert has_password(user, NEW)
        assert Session.objects.get(ended_at=None) != old.session
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {response.json()['access']}")
        assert api.get("/api/v1/auth/me").status_code == 200

    def test_the_code_is_good_once(self, api: APIClient, user: User, code: str) -> None:
        self.confirm(api, code)
        again = self.confirm(api, code, "another-one-9")
        assert (again.status_code, again.json()["code"]) == (422, "code_invalid")
        assert has_password(user, NEW)

    @pytest.mark.django_db(transaction=True)
    def test_of_eight_uses_at_once_one_succeeds(self, run_jobs: RunJobs, mailoutbox: list[Any]) -> None:
        user = make_user()
        services.request_password_reset(email=user.email)
        run_jobs()
        code = code_in(mailoutbox.pop())
        outcomes = at_once([lambda: self.confirm(APIClient(), code)] * 8)
        assert sorted(outcome.status_code for outcome in outcomes) == [200] + [422] * 7
        assert Session.objects.count() == 1

    def test_an_unfit_password_leaves_the_code_good(self, api: APIClient, user: User, code: str) -> None:
        refused = self.confirm(api, code, "password")
        assert (refused.status_code, refused.json()["code"]) == (400, "validation_error")
        assert has_password(user, PASSWORD)
        assert self.confirm(api, code).status_code == 200

    def test_the_code_expires(self, api: APIClient, user: User, code: str, travel: Travel) -> None:
        travel.forward(hours=1, seconds=1)
        assert self.confirm(api, code).status_code == 422
        assert has_password(user, PASSWORD)

    def test_a_code_for_another_purpose_is_refused(self, api: APIClient, user: User, code: str) -> None:
        response = api.post("/api/v1/auth/email/verify", {"token": code}, format="json")
        assert (response.status_code, response.json()["code"]) == (422, "code_invalid")
        assert EmailToken.objects.get().used_at is None

    def test_a_suspended_user_does_not_get_in(self, api: APIClient, user: User, code: str) -> None:
        User.objects.update(is_active=False)
        assert self.confirm(api, code).json()["code"] == "account_suspended"
        assert has_password(user, PASSWORD)
        assert not Session.objects.exists()

    def test_a_suspended_user_is_sent_nothing(self, run_jobs: RunJobs, mailoutbox: list[Any], db: None) -> None:
        services.request_password_reset(email=make_user(is_active=False).email)
        run_jobs()
        assert mailoutbox == []

    def test_a_mail_that_was_not_sent_is_sent_again_with_a_new_code(
        self, user: User, run_jobs: RunJobs, mailoutbox: list[Any], code: str
    ) -> None:
        token = EmailToken.objects.get()
        mail = services.issue_code(token_id=token.pk)
        assert mail is not None
        assert mail.code != code
        assert services.issue_code(token_id=user.pk) is None
