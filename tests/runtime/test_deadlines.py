"""No deadline passes while people could not act: the sweeper and the outages of the platform."""

from datetime import timedelta

import pytest

from accounts.models import User
from iqx.core import pulse
from iqx.core.events import events_since, user_stream
from iqx.core.models import PulseKind
from iqx.runtime.sweeper import enforce_trade_deadlines
from tests.factories.orders import MovedClock, act, fresh, trade_between
from tests.factories.trading import buyer, market, moved_clock, quick_and_unlimited, seller
from tests.factories.wallets import balance_of
from trades.escrow import Action, Actor
from trades.models import Trade
from trades.representations import trade_json
from wallets import audit

__all__ = ["buyer", "market", "moved_clock", "quick_and_unlimited", "seller"]

WINDOW_S = 1800
TEN_MINUTES = timedelta(minutes=10)

pytestmark = pytest.mark.django_db


def platform_lives(clock: MovedClock, seconds: int = 0) -> None:
    """Let time pass on a platform all of whose processes work."""
    for _ in range(seconds // 20):
        clock.pass_by(20)
        pulse.beat(PulseKind.WEB)
        enforce_trade_deadlines()
    pulse.beat(PulseKind.WEB)
    enforce_trade_deadlines()


@pytest.fixture
def trade(seller: User, buyer: User, moved_clock: MovedClock) -> Trade:
    """Awaits its payment on a platform that lives."""
    platform_lives(moved_clock)
    return trade_between(seller, buyer)


def test_a_trade_expires_when_its_time_is_up_and_is_cancelled_when_grace_is(
    trade: Trade, seller: User, moved_clock: MovedClock
) -> None:
    platform_lives(moved_clock, WINDOW_S - 20)
    assert fresh(trade).status == "awaiting_payment"
    platform_lives(moved_clock, 20)
    assert fresh(trade).status == "expired"
    platform_lives(moved_clock, 900)
    assert fresh(trade).status == "cancelled"
    assert fresh(trade).extended is None
    assert balance_of(seller) == (10_000, 0)


def test_a_seller_who_stays_silent_is_reminded_and_then_disputed_but_never_paid_for(
    trade: Trade, seller: User, moved_clock: MovedClock
) -> None:
    act(trade.id, Action.MARK_PAID, Actor.BUYER)
    platform_lives(moved_clock, 1800)
    assert (fresh(trade).status, fresh(trade).reminded) == ("paid", True)
    platform_lives(moved_clock, 1800)
    assert fresh(trade).status == "disputed"
    assert balance_of(seller) == (9_900, 100)


def test_ten_minutes_down_move_the_deadline_by_as_much_and_show_it(
    trade: Trade, buyer: User, moved_clock: MovedClock
) -> None:
    platform_lives(moved_clock, WINDOW_S - 100)
    moved_clock.pass_by(600)
    enforce_trade_deadlines()  # the worker is up first
    assert fresh(trade).status == "awaiting_payment"
    platform_lives(moved_clock)

    after = fresh(trade)
    assert after.status == "awaiting_payment"
    assert trade.deadline is not None
    assert after.deadline == trade.deadline + TEN_MINUTES
    assert trade_json(after, buyer.id)["extended_seconds"] == 600
    platform_lives(moved_clock, 80)
    assert fresh(trade).status == "awaiting_payment"
    platform_lives(moved_clock, 20)
    assert fresh(trade).status == "expired"


def test_both_parties_are_told_of_the_new_deadline(
    trade: Trade, buyer: User, seller: User, moved_clock: MovedClock
) -> None:
    moved_clock.pass_by(600)
    platform_lives(moved_clock)
    for party in (buyer, seller):
        news = events_since(user_stream(party.id), 0, 100)[-1]
        assert (news.type, news.data) == ("trade_extended", trade_json(fresh(trade), party.id))


def test_nothing_expires_while_the_web_servers_are_silent(trade: Trade, moved_clock: MovedClock) -> None:
    for _ in range(200):
        moved_clock.pass_by(20)
        enforce_trade_deadlines()
    assert fresh(trade).status == "awaiting_payment"
    platform_lives(moved_clock)
    after = fresh(trade)
    assert after.status == "awaiting_payment"
    assert after.extended == timedelta(seconds=4000)


def test_outages_of_both_kinds_at_different_times_add_up_without_their_overlap(
    trade: Trade, moved_clock: MovedClock
) -> None:
    moved_clock.pass_by(300)
    pulse.beat(PulseKind.WEB)  # the web was down for 300 s
    for _ in range(5):
        moved_clock.pass_by(20)
        pulse.beat(PulseKind.WEB)
    enforce_trade_deadlines()  # the worker for 400 s, from the same time on
    assert fresh(trade).extended == timedelta(seconds=400)
    platform_lives(moved_clock, 60)
    assert fresh(trade).extended == timedelta(seconds=400)


def test_a_second_outage_is_added_to_the_first(trade: Trade, moved_clock: MovedClock) -> None:
    for _ in range(2):
        moved_clock.pass_by(600)
        platform_lives(moved_clock)
        platform_lives(moved_clock, 40)
    assert trade.deadline is not None
    assert fresh(trade).deadline == trade.deadline + 2 * TEN_MINUTES
    assert fresh(trade).extended == 2 * TEN_MINUTES


def test_a_clock_set_during_an_outage_gets_the_rest_of_it(
    trade: Trade, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    """The worker sleeps, the web serves: a trade is paid, another is opened."""
    for _ in range(30):
        moved_clock.pass_by(10)
        pulse.beat(PulseKind.WEB)
    act(trade.id, Action.MARK_PAID, Actor.BUYER)
    for _ in range(10):
        moved_clock.pass_by(10)
        pulse.beat(PulseKind.WEB)
    late = trade_between(seller, buyer)
    enforce_trade_deadlines()
    assert fresh(trade).extended == timedelta(seconds=100)
    assert fresh(late).extended is None


def test_trades_that_have_ended_are_left_alone(trade: Trade, moved_clock: MovedClock) -> None:
    ended = act(trade.id, Action.CANCEL, Actor.BUYER)
    moved_clock.pass_by(600)
    platform_lives(moved_clock)
    assert fresh(trade).version == ended.version
    assert fresh(trade).extended is None
    assert audit.audit() == []
