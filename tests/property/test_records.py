"""Records that are rolled up round by round are those of a count from the beginning, and of a naive one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import TraderRecord, User
from accounts.trust.representations import record_json
from iqx.core import clock
from iqx.core.ids import new_id
from orders.models import Market, Order
from tests.factories.accounts import make_user
from tests.factories.orders import SYMBOL, make_market
from trades.models import Feedback, RollUp, Step, Trade
from trades.reputation import roll_up_records

pytestmark = pytest.mark.django_db

_ENDINGS = {  # the last step, and whose fault it was
    "released": ("release", None),
    "split": ("rule_split", None),
    "refunded": ("rule_refund", "buyer"),
    "cancelled": ("cancel", "buyer"),
    "agreed": ("accept_cancel", "seller"),
}
_ROUND = "round"
_trade = st.tuples(
    st.integers(0, 2), st.integers(0, 2), st.sampled_from(sorted(_ENDINGS)), st.integers(0, 9000), st.integers(1, 6)
)
_histories = st.lists(_trade | st.just(_ROUND) | st.integers(1, 20), min_size=3, max_size=12)


class World:
    """Three people, and a clock."""

    def __init__(self) -> None:
        self.people = [make_user() for _ in range(3)]
        self.now = datetime.fromisoformat("2026-01-01T00:00:00Z")
        owner = self.people[0]
        if not Market.objects.filter(symbol=SYMBOL).exists():  # examples share a transaction
            make_market()
        fields: dict[str, Any] = {"owner": owner, "market_id": SYMBOL, "price": 1, "amount": 1, "time_in_force": "GTC"}
        self.order = Order.objects.create(side="buy", created_at=self.now, updated_at=self.now, **fields)
        self.trades: list[tuple[User, User, str, Trade]] = []

    def end(self, buyer: int, seller: int, ending: str, seconds: int, rating: int) -> None:
        if buyer == seller:
            return
        action, _ = _ENDINGS[ending]
        status = "cancelled" if ending == "agreed" else ending
        paid_at = self.now - timedelta(seconds=seconds / 3)
        trade = Trade.objects.create(
            market_id=self.order.market_id, buy_order=self.order, sell_order=self.order, taker_side="buy",
            buyer=self.people[buyer], seller=self.people[seller], amount=2, price=1, total=2, quote="EUR",
            buyer_fee=0, seller_fee=0, escrow=2, buyer_amount={"released": 2, "split": 1}.get(status, 0),
            reference=str(new_id())[-16:], status=status, created_at=self.now - timedelta(seconds=seconds),
            paid_at=paid_at, closed_at=self.now,
        )  # fmt: skip
        Step.objects.create(trade=trade, action=action, actor="system", status=status, at=self.now)
        self.trades.append((trade.buyer, trade.seller, ending, trade))
        if rating <= 5:
            said = {"author": trade.buyer, "subject": trade.seller, "rating": rating, "created_at": self.now}
            Feedback.objects.create(trade=trade, **said)

    def naive(self, person: User) -> dict[str, Any]:
        """The record by the words of the documentation."""
        mine = [entry for entry in self.trades if person in entry[:2]]
        sold = [entry for entry in mine if entry[2] in {"released", "split"}]
        failed = [e for e in mine if {"buyer": e[0], "seller": e[1]}.get(_ENDINGS[e[2]][1] or "") == person]
        recent = [entry for entry in sold if ended(entry) > self.now - timedelta(days=30)]
        ratings = list(Feedback.objects.filter(subject=person).values_list("rating", flat=True))
        share = Decimal(len(sold)) / (len(sold) + len(failed)) if sold or failed else None
        return {
            "completed_trades": len(sold),
            "failed_trades": len(failed),
            "completion_rate": None if share is None else str(rounded(share, "0.0001")),
            "trades_30d": len(recent),
            "partners": len({other for entry in sold for other in entry[:2] if other != person}),
            "pay_seconds": average(ended(e) - e[3].created_at - releasing(e) for e in recent if e[0] == person),
            "release_seconds": average(releasing(e) for e in recent if e[1] == person),
            "rating": str(rounded(Decimal(sum(ratings)) / len(ratings), "0.01")) if ratings else None,
            "ratings": len(ratings),
            "first_trade_at": clock.rfc3339_or_none(min(map(ended, sold), default=None)),
        }


def ended(entry: tuple[User, User, str, Trade]) -> datetime:
    assert entry[3].closed_at
    return entry[3].closed_at


def releasing(entry: tuple[User, User, str, Trade]) -> timedelta:
    assert entry[3].paid_at
    return ended(entry) - entry[3].paid_at


def rounded(value: Decimal, unit: str) -> Decimal:
    return value.quantize(Decimal(unit), ROUND_HALF_UP)


def average(times: Iterable[timedelta]) -> int | None:
    spans = [Decimal(int(time / timedelta(microseconds=1))) / 1_000_000 for time in times]
    return int(rounded(sum(spans, Decimal(0)) / len(spans), "1")) if spans else None


def told(world: World) -> dict[Any, Any]:
    records = TraderRecord.objects.filter(user__in=world.people)
    return {record.user_id: record_json(record) for record in records}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=_histories)
def test_rounds_count_what_a_naive_count_does(history: list[Any]) -> None:
    world = World()
    with patch.object(clock, "now", lambda: world.now):
        RollUp.objects.update(until=world.now)
        for event in [*history, _ROUND]:
            if event == _ROUND:
                roll_up_records()
            elif isinstance(event, int):
                world.now += timedelta(days=event)
                roll_up_records()
            else:
                world.end(*event)
        traded = {person for entry in world.trades for person in entry[:2]}
        round_by_round = told(world)
        assert round_by_round == {person.id: world.naive(person) for person in traded}
        TraderRecord.objects.all().delete()
        RollUp.objects.update(until=None)
        roll_up_records()
        assert told(world) == round_by_round


def test_a_round_takes_as_many_statements_whatever_there_is_to_count() -> None:
    world = World()

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            roll_up_records()
        return len(queries)

    with patch.object(clock, "now", lambda: world.now):
        counts = [statements()]
        for number in range(4):
            world.end(number % 3, (number + 1) % 3, "released", 60, 5)
        counts.append(statements())
    assert counts[0] == counts[1]
