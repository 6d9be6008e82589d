"""The second factor: switching it on and off, logging in with it, and how little guessing helps."""

import threading
from base64 import b32encode
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import services, step_up, totp
from accounts.clients import Client
from accounts.errors import OtpInvalid
from accounts.models import Approval, RecoveryCode, Role, Session, Totp, User
from iqx.core import crypto
from iqx.core.transactions import use_case
from tests.accounts.conftest import RunJobs, Travel
from tests.accounts.test_registration import code_in
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import PASSWORD, auth_client, code_of, make_user, with_two_factor
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db

TWO_FACTOR = "/api/v1/auth/2fa"
LOGIN = "/api/v1/auth/login"


def post(client: APIClient, path: str, body: Any = None, **options: Any) -> Any:
    return client.post(path, body or {}, format="json", **options)


def log_in(user: User, **more: str) -> Any:
    return post(APIClient(), LOGIN, {"email": user.email, "password": PASSWORD, **more})


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("at_s", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(at_s: int, code: str) -> None:
    secret = b32encode(b"12345678901234567890").decode()
    assert totp.code_at(secret, at_s // totp.STEP_S) == code


class TestSwitchingItOn:
    def test_takes_a_code_of_the_app_and_gives_recovery_codes(self, user: User) -> None:
        client = auth_client(user)
        made = post(client, f"{TWO_FACTOR}/setup").json()
        assert made["otpauth_uri"].startswith("otpauth://totp/IQX:")
        assert f"secret={made['secret']}" in made["otpauth_uri"]
        assert made["qr_svg"].startswith("<svg")
        assert client.get("/api/v1/auth/me").json()["two_factor"] is False
        codes = post(client, f"{TWO_FACTOR}/confirm", {"otp": code_of(made["secret"])}).json()["recovery_codes"]
        assert len(set(codes)) == 10
        assert client.get("/api/v1/auth/me").json()["two_factor"] is True
        assert made["secret"] not in Totp.objects.get().secret, "it is sealed"
        assert not RecoveryCode.objects.filter(digest__in=codes).exists(), "they are digests"

    def test_a_wrong_code_changes_nothing(self, user: User) -> None:
        client = auth_client(user)
        assert told(post(client, f"{TWO_FACTOR}/confirm", {"otp": "123456"})) == (409, "two_factor_off")
        secret = post(client, f"{TWO_FACTOR}/setup").json()["secret"]
        before = snapshot()
        assert told(post(client, f"{TWO_FACTOR}/confirm", {"otp": code_of(secret, steps_ago=5)})) == (
            401,
            "otp_invalid",
        )
        assert snapshot() == before
        assert log_in(user).status_code == 200

    def test_is_not_done_twice(self, user: User) -> None:
        secret = with_two_factor(user)
        client = auth_client(user)
        before = snapshot()
        assert told(post(client, f"{TWO_FACTOR}/setup")) == (409, "two_factor_on")
        assert told(post(client, f"{TWO_FACTOR}/confirm", {"otp": code_of(secret)})) == (409, "two_factor_on")
        assert snapshot() == before


class TestLoggingIn:
    def test_needs_the_code(self, user: User) -> None:
        secret = with_two_factor(user)
        assert told(log_in(user)) == (401, "otp_required")
        assert told(log_in(user, otp="000000")) == (401, "otp_invalid")
        assert not Session.objects.exists()
        assert log_in(user, otp=code_of(secret)).json()["user"]["two_factor"] is True

    def test_says_nothing_of_it_without_the_password(self, user: User) -> None:
        secret = with_two_factor(user)
        answer = log_in(user, password="wrong", otp=code_of(secret))
        assert told(answer) == (401, "authentication_failed")
        assert told(log_in(user, password="wrong")) == (401, "authentication_failed")

    def test_takes_a_code_once_and_no_older_one_after_it(self, user: User, travel: Travel) -> None:
        secret = with_two_factor(user)
        older = code_of(secret, steps_ago=1)
        assert log_in(user, otp=code_of(secret)).status_code == 200
        assert told(log_in(user, otp=code_of(secret))) == (401, "otp_invalid")
        assert told(log_in(user, otp=older)) == (401, "otp_invalid")
        travel.forward(seconds=30)
        assert log_in(user, otp=code_of(secret)).status_code == 200

    def test_allows_for_a_clock_that_is_a_step_off_and_no_more(self, user: User, travel: Travel) -> None:
        secret = with_two_factor(user)
        codes = {steps: code_of(secret, steps_ago=steps) for steps in (2, 1, -1, -2)}
        assert told(log_in(user, otp=codes[2])) == told(log_in(user, otp=codes[-2])) == (401, "otp_invalid")
        assert log_in(user, otp=codes[1]).status_code == log_in(user, otp=codes[-1]).status_code == 200

    def test_takes_a_recovery_code_once(self, user: User) -> None:
        secret = with_two_factor(user)
        code, *_ = services.renew_recovery_codes(user_id=user.pk, otp=code_of(secret))
        assert log_in(user, otp=code.replace("-", " ").lower()).status_code == 200
        assert told(log_in(user, otp=code)) == (401, "otp_invalid")

    def test_guessing_is_slowed_down_for_that_user_alone(self, user: User, travel: Travel) -> None:
        secret, other = with_two_factor(user), make_user()
        others = with_two_factor(other)
        travel.forward(seconds=30)
        guesses = [told(log_in(user, otp=f"{number:06}")) for number in range(6)]
        assert guesses == [(401, "otp_invalid")] * 5 + [(429, "otp_locked")]
        locked = log_in(user, otp=code_of(secret))
        assert told(locked) == (429, "otp_locked")
        assert locked.headers["Retry-After"] == "1"
        assert log_in(other, otp=code_of(others)).status_code == 200
        travel.forward(seconds=1)
        assert log_in(user, otp=code_of(secret)).status_code == 200
        assert told(log_in(user, otp="000000")) == (401, "otp_invalid"), "a right code clears the count"

    def test_a_new_password_by_mail_needs_the_code_too(
        self, user: User, run_jobs: RunJobs, mailoutbox: list[Any]
    ) -> None:
        secret = with_two_factor(user)
        services.request_password_reset(email=user.email)
        run_jobs()
        body = {"token": code_in(mailoutbox.pop()), "password": "a-new-one-9"}
        confirm = "/api/v1/auth/password/reset/confirm"
        before = snapshot()
        assert told(post(APIClient(), confirm, body)) == (401, "otp_required")
        assert snapshot() == before
        assert told(post(APIClient(), confirm, body | {"otp": "000000"})) == (401, "otp_invalid")
        assert post(APIClient(), confirm, body | {"otp": code_of(secret)}).status_code == 200


class TestStepUp:
    """What matters demands a code of those who have a second factor; the wallets' tests have the money's part."""

    def test_a_new_password_demands_it(self, user: User) -> None:
        secret = with_two_factor(user)
        client, change = auth_client(user), "/api/v1/auth/password/change"
        body = {"current_password": PASSWORD, "new_password": "a-new-one-9"}
        before = snapshot()
        assert told(post(client, change, body)) == (401, "otp_required")
        assert snapshot() == before
        assert post(client, change, body, HTTP_X_OTP=code_of(secret)).status_code == 204

    def test_switching_it_off_takes_both_factors(self, user: User, travel: Travel) -> None:
        secret = with_two_factor(user)
        client = auth_client(user)
        before = snapshot()
        assert told(post(client, f"{TWO_FACTOR}/disable", {"password": PASSWORD})) == (401, "otp_required")
        assert snapshot() == before
        wrong = post(client, f"{TWO_FACTOR}/disable", {"password": "wrong", "otp": code_of(secret)})
        assert told(wrong) == (422, "wrong_password")
        body = {"password": PASSWORD, "otp": code_of(secret)}
        assert post(client, f"{TWO_FACTOR}/disable", body).status_code == 204
        assert not Totp.objects.exists()
        assert log_in(user).json()["user"]["two_factor"] is False
        assert told(post(client, f"{TWO_FACTOR}/disable", body)) == (409, "two_factor_off")

    def test_guesses_are_counted_though_an_idempotency_key_comes_with_them(self, user: User, travel: Travel) -> None:
        with_two_factor(user)
        client = auth_client(user)
        address = {"name": "Mine", "address": "0x" + "a1" * 20}
        answers = [
            told(
                post(client, "/api/v1/wallet/addresses", address | {"otp": f"{n:06}"}, HTTP_IDEMPOTENCY_KEY=f"key-{n}")
            )
            for n in range(6)
        ]
        assert answers == [(401, "otp_invalid")] * 5 + [(429, "otp_locked")]


class TestHolds:
    def test_follow_a_change_of_password_or_second_factor(self, user: User, settings: Settings, travel: Travel) -> None:
        settings.WITHDRAWAL_HOLD_HOURS = 24
        secret = with_two_factor(user)
        services.disable_two_factor(
            user=user, password=PASSWORD, otp=code_of(secret), client=Client(network="127.0.0.1")
        )
        user.refresh_from_db()
        assert user.withdrawals_hold_reason == "two_factor_changed"
        assert user.withdrawals_held_until is not None
        assert (user.withdrawals_held_until - travel.now).total_seconds() == 24 * 3600

    def test_are_none_where_the_settings_say_so(self, user: User) -> None:
        body = {"current_password": PASSWORD, "new_password": "a-new-one-9"}
        assert post(auth_client(user), "/api/v1/auth/password/change", body).status_code == 204
        user.refresh_from_db()
        assert user.withdrawals_held_until is None


class TestStaff:
    def test_one_of_staff_asks_and_an_admin_takes_a_lost_one_away(self, user: User) -> None:
        with_two_factor(user)
        admin, support = make_user(role=Role.ADMIN), make_user(role=Role.SUPPORT)
        browser = Browser()
        browser.force_login(support)
        asked = {"action": "reset_two_factor", "_selected_action": [str(user.pk)], "reason": "He showed his passport."}
        browser.post("/admin/accounts/user/", asked)
        approval = Approval.objects.get()
        decided = {"action": "approve", "_selected_action": [str(approval.pk)], "reason": "I saw it, too."}
        browser.post("/admin/accounts/approval/", decided)
        assert User.objects.get(pk=user.pk).two_factor, "support approves nothing"
        browser.force_login(admin)
        browser.post("/admin/accounts/approval/", decided)
        assert not User.objects.get(pk=user.pk).two_factor
        assert log_in(user).status_code == 200

    def test_the_admin_s_door_asks_for_it(self, client: Browser) -> None:
        admin = make_user(role=Role.ADMIN)
        secret = with_two_factor(admin)
        credentials = {"username": admin.email, "password": PASSWORD}
        assert 'name="otp"' in client.get("/admin/login/").content.decode()
        assert "This needs a code" in client.post("/admin/login/", credentials).content.decode()
        assert client.get("/admin/").status_code == 302
        client.post("/admin/login/", credentials | {"otp": code_of(secret)})
        assert client.get("/admin/").status_code == 200

    def test_staff_are_no_staff_without_it_where_they_need_it(self, client: Browser, settings: Settings) -> None:
        settings.STAFF_NEEDS_SECOND_FACTOR = True
        admin = make_user(role=Role.ADMIN)
        listed = "/api/admin/withdrawals"
        assert told(auth_client(admin).get(listed)) == (403, "second_factor_needed")
        client.force_login(admin)
        assert client.get("/admin/").status_code == 302
        with_two_factor(admin)
        assert auth_client(admin).get(listed).status_code == 200
        assert client.get("/admin/").status_code == 200


# Races: one code, used by two at once


@use_case
def prove(user_id: Any, otp: str) -> User:
    return step_up.require_second_factor(user_id, otp)


@use_case
def prove_unlocked(user_id: Any, otp: str) -> None:
    """As if nobody had thought of locking the user."""
    step_up.prove(User.objects.get(pk=user_id), otp)


def outcomes(call: Callable[[], Any]) -> list[str]:
    return sorted(type(result).__name__ for result in at_once([call, call]))


@pytest.fixture(params=["totp", "recovery"])
def one_code(request: pytest.FixtureRequest, transactional_db: None) -> tuple[User, str]:
    user = make_user()
    secret = with_two_factor(user)
    if request.param == "totp":
        return user, code_of(secret)
    return user, services.renew_recovery_codes(user_id=user.pk, otp=code_of(secret))[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_a_code_at_once_one_succeeds(one_code: tuple[User, str]) -> None:
    user, code = one_code
    assert outcomes(lambda: prove(user.pk, code)) == ["OtpInvalid", "User"]


@pytest.mark.django_db(transaction=True)
def test_even_without_the_user_s_lock_the_statement_takes_it_once(one_code: tuple[User, str]) -> None:
    user, code = one_code
    assert outcomes(lambda: prove_unlocked(user.pk, code)) == ["NoneType", "OtpInvalid"]


@pytest.mark.django_db(transaction=True)
def test_control_read_then_written_a_code_is_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the one statement prevents: both look before either writes."""
    user = make_user()
    code = code_of(with_two_factor(user))
    both_have_looked = threading.Barrier(2)

    def read_then_write(user: User, code: str) -> bool:
        app = Totp.objects.get(user=user)
        step = totp.step_of(crypto.unseal(app.secret, purpose=step_up.TOTP_PURPOSE), code)
        both_have_looked.wait(timeout=10)
        if step is None or step <= app.last_step:
            return False
        Totp.objects.filter(pk=user.pk).update(last_step=step)
        return True

    monkeypatch.setattr(step_up, "use_totp", read_then_write)
    assert outcomes(lambda: prove_unlocked(user.pk, code)) == ["NoneType", "NoneType"]


def test_a_refusal_leaves_the_code_good(user: User) -> None:
    code = code_of(with_two_factor(user))

    @use_case
    def refuse() -> None:
        step_up.require_second_factor(user.pk, code)
        raise OtpInvalid

    with pytest.raises(OtpInvalid):
        refuse()
    assert prove(user.pk, code) == user
