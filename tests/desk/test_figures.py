"""The figures of each hour are those of the trades, however often they are counted."""

from decimal import Decimal

import pytest

from accounts.models import User
from iqx.core import clock
from iqx.desk import figures
from iqx.desk.models import MarketHour, PlatformHour
from orders.models import Market
from tests.factories.orders import bring_to, place, trade_between
from tests.factories.wallets import fund
from trades.models import Trade

pytestmark = pytest.mark.django_db


def test_what_happened_is_counted_once(market: Market, seller: User, buyer: User) -> None:
    sold = bring_to(trade_between(seller, buyer), Trade.Status.RELEASED)
    bring_to(trade_between(seller, buyer), Trade.Status.CANCELLED)
    bring_to(trade_between(seller, buyer), Trade.Status.DISPUTED)
    place(seller, "sell", "0.95", 30)
    place(buyer, "buy", "0.90", 20)
    fund(buyer, 55)
    for _ in range(2):
        figures.roll_up_figures()
        hours = MarketHour.objects.filter(trades__gt=0) | MarketHour.objects.filter(released__gt=0)
        totals = [sum(getattr(hour, name) for hour in hours) for name in ("trades", "released", "failed", "disputed")]
        assert totals == [3, 1, 1, 1]
        assert sum(hour.volume for hour in hours) == sum(trade.amount for trade in Trade.objects.all())
        sold.refresh_from_db()
        assert sum(hour.fees for hour in hours) == sold.buyer_fee + sold.seller_fee
        book = MarketHour.objects.filter(market=market).order_by("-hour")[0]
        assert (book.bid, book.ask, book.bid_depth, book.ask_depth) == (
            Decimal("0.90"), Decimal("0.95"), Decimal(0), Decimal(0),
        )  # fmt: skip
        assert sum(hour.registered for hour in PlatformHour.objects.all()) == User.objects.count()
        assert sum(hour.deposited for hour in PlatformHour.objects.all()) >= 55
    shown = figures.series(figures.PERIODS["24h"])
    assert sum(filter(None, shown["markets"][market.pk]["trades"])) == 3
    current = figures.totals(figures.PERIODS["24h"])["current"]
    assert (current["trades"], current["registered"]) == (3, User.objects.count())


def test_two_workers_count_in_turn(market: Market) -> None:
    assert figures.roll_up_figures() is not None
    assert figures.roll_up_figures() <= clock.now()  # type: ignore[operator]
