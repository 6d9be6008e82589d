"""What comparable platforms got wrong, tried here from outside where no other test does."""

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from websockets.sync.client import connect

from iqx.core.locking import LockRank, lock
from orders.models import Book, Market
from tests.e2e.document import operations
from tests.e2e.people import Person
from tests.e2e.processes import MANAGE
from tests.factories.accounts import auth_client, log_in, make_user
from tests.factories.orders import SYMBOL, make_market, place
from tests.factories.statements import recorded
from tests.factories.wallets import balance_of, fund
from tests.feed.clients import Client, ServerProcess
from trades.models import Trade
from trades.services import mark_paid, release_trade

pytestmark = pytest.mark.django_db


def placed(user: Any, **changes: str) -> Any:
    body = {"market": SYMBOL, "side": "sell", "price": "1", "amount": "10", **changes}
    return auth_client(user).post("/api/v1/orders", body, format="json")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"price": "1.005"}, "price_not_on_tick"),
        ({"amount": "10.005"}, "amount_not_on_lot"),
        ({"amount": "0.5"}, "amount_out_of_range"),
    ],
)
def test_the_published_increments_are_enforced(changes: dict[str, str], code: str) -> None:
    make_market()
    user = make_user()
    fund(user, 100)
    answer = placed(user, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert balance_of(user) == (100, 0)


def test_nobody_trades_with_himself() -> None:
    make_market()
    user = make_user()
    fund(user, 100)
    assert placed(user).status_code == 201
    answer = placed(user, side="buy").json()
    assert (answer["order"]["status"], answer["trades"]) == ("open", [])
    assert not Trade.objects.exists()


def test_the_fees_are_those_of_the_market_when_each_order_was_placed() -> None:
    market = make_market(maker_fee=Decimal("0.01"), taker_fee=Decimal("0.02"))
    seller, buyer = make_user(), make_user()
    fund(seller, 200)
    place(seller, "sell", 1, 100)
    Market.objects.filter(pk=market.pk).update(maker_fee=Decimal("0.5"), taker_fee=Decimal("0.03"))
    _, (trade,) = place(buyer, "buy", 1, 100)
    mark_paid(trade_id=trade.id, actor_id=buyer.id)
    release_trade(trade_id=trade.id, actor_id=seller.id)
    assert balance_of(seller) == (99, 0)
    assert balance_of(buyer) == (97, 0)


def test_a_row_is_never_locked_outside_of_a_transaction() -> None:
    make_market()
    with pytest.raises(RuntimeError, match="unit of work"):
        lock(LockRank.MARKET, Book.objects.all())


@pytest.mark.parametrize(("side", "index"), [("buy", "orders_asks"), ("sell", "orders_bids")])
def test_matching_reads_the_book_along_an_index(side: str, index: str) -> None:
    make_market()
    trader = make_user()
    fund(trader, 100)
    with recorded() as statements:
        place(trader, side, 1, 10)
    ((reading, values),) = [sent for sent in statements if re.search(r"(?s)price [<>]= .*ORDER BY", sent[0])]
    with connection.cursor() as cursor:
        cursor.execute(*statements[0])  # the book's lock, which says how the rest is planned
        cursor.execute(f"EXPLAIN {reading}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan, plan
    assert "Sort" not in plan


def test_every_address_has_a_version() -> None:
    unversioned = {o.path for o in operations() if not o.path.startswith("/api/v1/") and not o.is_for_staff}
    assert unversioned == {"/api/health", *(f"/api/monitor/{name}" for name in ("health", "system", "metrics"))}


@pytest.mark.django_db(transaction=True)
def test_a_token_in_the_address_of_a_socket_opens_nothing(platform: ServerProcess) -> None:
    token = log_in(make_user()).tokens.access
    address = platform.address.replace("http", "ws", 1)
    with connect(f"{address}/ws/v1?token={token}&access={token}", proxy=None) as socket:
        assert Client(socket).ask("subscribe", channel="user")["code"] == "not_authenticated"


@pytest.mark.django_db(transaction=True)
def test_what_a_client_says_on_a_socket_reaches_nobody_else(platform: ServerProcess, own_market: Market) -> None:
    forged = {"channel": "market_updates", "market": own_market.symbol, "seq": 1, "type": "order_created", "data": {}}
    with Person.at(platform, make_user()) as stranger, platform.client() as listener, stranger.listening() as forger:
        for client in (listener, forger):
            client.subscribe(market=own_market.symbol)
        forger.socket.send(json.dumps(forged))
        assert forger.answer()["code"] == "unknown_op"
        assert listener.is_quiet()


@pytest.mark.parametrize(
    "variables",
    [{}, {"IQX_SECRET_KEY": "short"}, {"IQX_SECRET_KEY": settings.SECRET_KEY}],
    ids=["none", "a short one", "the sandbox's"],
)
def test_production_does_not_start_with_a_known_secret(variables: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IQX_")}
    environment |= {"IQX_ENV": "production", "IQX_ALLOWED_HOSTS": "iqx.example", **variables}
    refused = subprocess.run(
        [sys.executable, MANAGE, "check"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert "IQX_SECRET_KEY" in refused.stderr
