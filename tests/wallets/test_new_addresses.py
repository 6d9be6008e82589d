"""Who breaks in withdraws to an address of his own: one that is new has to wait."""

from datetime import timedelta

import pytest

from accounts.models import Rule, User
from accounts.trust.rules import NEW_ADDRESS
from iqx.core.clock import rfc3339
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock
from tests.factories.trading import moved_clock
from tests.factories.wallets import ADDRESS, balance_of, fund, withdraw
from wallets.errors import WithdrawalHeld
from wallets.gateways import SANDBOX
from wallets.services import add_address

__all__ = ["moved_clock"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    Rule.objects.create(code=NEW_ADDRESS.code, parameters={"hours": 24})
    user = make_user()
    fund(user, 100)
    return user


def test_an_address_is_good_after_a_day_in_the_address_book(user: User, moved_clock: MovedClock) -> None:
    with pytest.raises(WithdrawalHeld) as unknown:
        withdraw(user, 10)
    assert unknown.value.extra["until"] is None

    add_address(user=user, name="Safe", address=ADDRESS, network=SANDBOX)
    moved_clock.pass_by(3600)
    with pytest.raises(WithdrawalHeld) as early:
        withdraw(user, 10)
    assert early.value.extra["until"] == rfc3339(moved_clock.time + timedelta(hours=23))
    assert "24 hours" in early.value.detail
    assert balance_of(user) == (100, 0)

    moved_clock.pass_by(23 * 3600 + 1)
    assert withdraw(user, 10).status == "pending"


def test_the_address_book_of_another_does_not_count(user: User, moved_clock: MovedClock) -> None:
    add_address(user=make_user(), name="Safe", address=ADDRESS, network=SANDBOX)
    moved_clock.pass_by(25 * 3600)
    with pytest.raises(WithdrawalHeld):
        withdraw(user, 10)
