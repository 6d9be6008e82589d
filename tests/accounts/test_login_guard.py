"""The lock-out slows a guesser down and never shuts the owner out."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import login_guard, services
from accounts.clients import Client
from accounts.errors import AuthenticationFailed, LoginLocked
from accounts.models import LoginCounter, Session, User
from iqx.core import clock
from tests.accounts.conftest import RunJobs, Travel
from tests.accounts.test_registration import code_in
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("travel")]

FREE = login_guard.PAIR.free


def place(number: int) -> Client:
    return Client(ip=f"192.0.2.{number}", network=f"192.0.2.{number}")


def attempt(email: str, password: str = "wrong", client: Client = place(1)) -> str:  # noqa: B008, S107
    try:
        services.log_in(email=email, password=password, client=client)
    except AuthenticationFailed:
        return "failed"
    except LoginLocked as locked:
        return f"locked {locked.retry_after_s}"
    return "in"


def guess(email: str, client: Client, times: int = FREE) -> None:
    for _ in range(times):
        attempt(email, client=client)


def test_failures_beyond_the_free_ones_wait_ever_longer(user: User, travel: Travel) -> None:
    assert [attempt(user.email) for _ in range(FREE)] == ["failed"] * FREE
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        assert attempt(user.email) == f"locked {seconds}"
        travel.forward(seconds=seconds)
        assert attempt(user.email) == "failed"


def test_the_right_password_waits_too_and_then_clears_the_counter(user: User, travel: Travel) -> None:
    guess(user.email, place(1))
    assert attempt(user.email, PASSWORD) == "locked 1"
    assert not Session.objects.exists()
    travel.forward(seconds=1)
    assert attempt(user.email, PASSWORD) == "in"
    assert [attempt(user.email) for _ in range(FREE)] == ["failed"] * FREE


def test_waiting_in_vain_is_not_counted(user: User, travel: Travel) -> None:
    guess(user.email, place(1), FREE + 50)
    assert attempt(user.email) == "locked 1"
    assert LoginCounter.objects.get(scope="pair").failures == FREE


def test_an_hour_of_rest_is_forgiving(user: User, travel: Travel) -> None:
    guess(user.email, place(1))
    travel.forward(hours=1, seconds=1)
    assert [attempt(user.email) for _ in range(FREE)] == ["failed"] * FREE


def test_unknown_emails_are_locked_in_the_same_way(user: User, travel: Travel) -> None:
    def history(email: str) -> list[str]:
        outcomes = []
        for _ in range(FREE + 4):
            outcomes.append(attempt(email))
            travel.forward(seconds=0.6)
        return outcomes

    known = history(user.email)
    assert known == history("nobody@iqx.example")
    assert known != ["failed"] * len(known)


def test_the_answer_is_429_with_retry_after(api: APIClient, user: User) -> None:
    for _ in range(FREE):
        api.post("/api/v1/auth/login", {"email": user.email, "password": "wrong"}, format="json")
    response = api.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}, format="json")
    assert (response.status_code, response.json()["code"]) == (429, "login_locked")
    assert response.headers["Retry-After"] == "1"


class TestTheVictim:
    """A botnet keeps guessing the password of somebody."""

    @pytest.fixture
    def victim(self, travel: Travel) -> User:
        user = make_user()
        assert attempt(user.email, PASSWORD, place(99)) == "in"
        for _ in range(2):
            for number in range(1, 13):
                guess(user.email, place(number))
            travel.forward(minutes=1)
        return user

    def test_gets_in_at_once_from_a_familiar_place(self, victim: User) -> None:
        assert attempt(victim.email, PASSWORD, place(99)) == "in"

    def test_gets_in_from_a_new_place_within_a_minute(self, victim: User, travel: Travel) -> None:
        assert attempt(victim.email, PASSWORD, place(100)) == "locked 60"
        for number in range(41, 61):
            travel.forward(seconds=3)
            guess(victim.email, place(number))
        assert attempt(victim.email, PASSWORD, place(100)) == "in", "the attack went on and lengthened nothing"

    def test_gets_in_by_mail_even_from_the_attackers_address(
        self, victim: User, run_jobs: RunJobs, mailoutbox: list[Any]
    ) -> None:
        services.request_password_reset(email=victim.email)
        run_jobs()
        login = services.reset_password(code=code_in(mailoutbox[0]), password="a-new-one-9", client=place(1))
        services.authenticate_access(login.tokens.access)
        assert attempt(victim.email, "a-new-one-9", place(1)) == "in"

    def test_and_a_new_place_gives_the_botnet_no_free_guess(self, victim: User) -> None:
        assert [attempt(victim.email, client=place(number)) for number in range(101, 120)] == ["locked 60"] * 19


def test_guessing_many_accounts_from_one_address_is_slowed(travel: Travel) -> None:
    for number in range(login_guard.ADDRESS.free):
        assert attempt(f"user-{number}@nowhere.example") == "failed"
    assert attempt("one-more@nowhere.example") == "locked 1"
    assert attempt("one-more@nowhere.example", client=place(2)) == "failed"
    assert not LoginCounter.objects.filter(
        key=login_guard._key(login_guard.Scope.PAIR, "one-more@nowhere.example", place(1).network)
    ).exists(), "a refused attempt counts nowhere"


def test_own_success_does_not_wash_the_address_clean(user: User) -> None:
    guess("somebody@iqx.example", place(1), FREE)
    assert attempt(user.email, PASSWORD, place(1)) == "in"
    assert LoginCounter.objects.get(scope="address").failures == FREE


@pytest.mark.django_db(transaction=True)
class TestSimultaneousGuesses:
    GUESSES = 12

    def outcomes(self, email: str) -> list[Any]:
        guesses: list[Callable[[], str]] = [lambda: attempt(email)] * self.GUESSES
        return at_once(guesses)

    def test_no_more_pass_than_are_free(self) -> None:
        outcomes = self.outcomes(make_user().email)
        assert (outcomes.count("failed"), outcomes.count("locked 1")) == (FREE, self.GUESSES - FREE)

    def test_the_race_is_real(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Control: looking at the counter first and counting the failure afterwards lets all of them pass."""

        def look_only(key: str, *_: Any) -> None:
            if LoginCounter.objects.filter(key=key, failures__gte=FREE).exists():
                raise login_guard._Blocked

        counted = login_guard.failed

        def count_afterwards(attempt: login_guard.Attempt) -> None:
            login_guard._count(attempt.pair, login_guard.Scope.PAIR, login_guard.PAIR, clock.now())
            counted(attempt)

        monkeypatch.setattr(login_guard, "_claim", look_only)
        monkeypatch.setattr(login_guard, "failed", count_afterwards)
        assert self.outcomes(make_user().email).count("failed") > FREE


def test_counters_name_nobody(user: User) -> None:
    attempt(user.email)
    stored = str(list(LoginCounter.objects.values()))
    assert user.email not in stored
    assert place(1).network not in stored


def test_old_counters_are_purged(user: User, travel: Travel) -> None:
    attempt(user.email)
    travel.forward(hours=2)
    assert login_guard.forget_old() == 3
