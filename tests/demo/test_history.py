from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from pytest_django import Settings

from accounts.models import KycSubmission, TraderRecord, User
from disputes.models import Dispute
from iqx.core.models import Event, Stream
from iqx.desk.models import MarketHour
from orders.models import Order
from support.models import Ticket
from trades.models import Trade
from wallets import audit
from wallets.models import Withdrawal

SMALL = {
    "people": 150,
    "orders": 900,
    "days": 40,
    "live": 40,
    "disputes": 3,
    "withdrawals": 5,
    "tickets": 4,
    "flags": 4,
}


def make(**options: Any) -> str:
    output = StringIO()
    call_command("make_history", stdout=output, **options)
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_past_is_whole_and_its_books_balance(settings: Settings, tmp_path: Any) -> None:
    private = settings.STORAGES["private"]
    settings.STORAGES = settings.STORAGES | {
        "private": private | {"OPTIONS": private["OPTIONS"] | {"location": tmp_path}}
    }
    assert "The past is made" in make(**SMALL)
    assert audit.audit() == []
    assert User.objects.filter(email__endswith="@history.example").count() == SMALL["people"]
    assert Order.objects.count() == SMALL["orders"]
    assert Trade.objects.filter(status=Trade.Status.RELEASED).count() > 100
    assert Dispute.objects.filter(status__in=Dispute.LIVE).count() == SMALL["disputes"]
    assert Withdrawal.objects.filter(status="pending").count() == SMALL["withdrawals"]
    assert Ticket.objects.exclude(status="closed").count() == SMALL["tickets"]
    assert KycSubmission.objects.filter(status="pending").count() == 12
    assert TraderRecord.objects.filter(completed_trades__gt=0).exists()
    assert MarketHour.objects.aggregate(all=Sum("trades"))["all"] == Trade.objects.count()  # what the charts show
    for stream in Stream.objects.filter(name__startswith="market:"):
        seqs = Event.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True)
        assert list(seqs) == list(range(1, stream.head + 1))
    books = Order.objects.filter(status="open")
    for symbol in books.values_list("market", flat=True).distinct():
        bids = books.filter(market=symbol, side="buy").values_list("price", flat=True)
        asks = books.filter(market=symbol, side="sell").values_list("price", flat=True)
        assert not bids or not asks or max(bids) < min(asks)
    with pytest.raises(CommandError, match="a past already"):
        make(**SMALL)
    assert User.objects.filter(email__endswith="@history.example").count() == SMALL["people"]


@pytest.mark.django_db
def test_production_and_nonsense_are_refused(settings: Settings) -> None:
    with pytest.raises(CommandError, match="at least"):
        make(people=3)
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        make(**SMALL)
    assert not User.objects.exists()
