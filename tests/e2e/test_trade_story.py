"""Whole trades between people who never met, by HTTP and WebSocket alone, on a real server process."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.core.management import call_command

from iqx.demo.seed import PASSWORD
from orders.models import Market
from tests.e2e.people import Json, Person
from tests.factories.accounts import make_user
from tests.factories.wallets import fund
from tests.feed import schemas
from tests.feed.clients import ServerProcess
from trades.escrow import TRANSITIONS
from wallets.audit import audit

pytestmark = pytest.mark.django_db(transaction=True)

Trader = Callable[..., Person]


@pytest.fixture
def trader(platform: ServerProcess) -> Iterator[Trader]:
    """Somebody with so much USDT."""
    with contextlib.ExitStack() as stack:

        def make(funds: int = 0, **fields: Any) -> Person:
            user = make_user(**fields)
            if funds:
                fund(user, funds)
            return stack.enter_context(Person.at(platform, user))

        yield make
    assert audit() == []


def types(events: list[Json]) -> list[str]:
    return [event["type"] for event in events]


def opened_trade(seller: Person, buyer: Person, market: Market, amount: str = "100") -> Json:
    """A trade of two whole orders, at 1; the buyer was the taker."""
    seller.order("sell", "1", amount, market=market.symbol)
    (trade,) = buyer.order("buy", "1", amount, market=market.symbol)["trades"]
    return dict(trade)


def test_alice_sells_100_usdt_to_bob(platform: ServerProcess) -> None:
    """The story of the README, with the demo data's people."""
    call_command("seed_demo", verbosity=0)
    market = "USDT-USD"
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        alice = enter(Person.logged_in(platform, "alice@iqx.example", PASSWORD))
        bob = enter(Person.logged_in(platform, "bob@iqx.example", PASSWORD))
        anyone, alices, bobs = enter(platform.client()), enter(alice.listening()), enter(bob.listening())
        anyone.subscribe(market=market)
        anyone.send("subscribe", channel="book", market=market)
        assert alice.balance() == bob.balance() == ("10000.000000", "0.000000")

        sell = alice.order("sell", "1.0000", "100", market=market, payment_methods=["wise", "zelle"])
        assert (sell["order"]["status"], sell["trades"]) == ("open", [])
        assert alice.balance() == ("9900.000000", "100.000000")
        assert types(alices.events(2)) == ["wallet_updated", "order_created"]

        buy = bob.order("buy", "1.0100", "100", market=market, payment_methods=["wise"])
        (trade,) = buy["trades"]
        assert (buy["order"]["status"], trade["status"], trade["role"]) == ("filled", "awaiting_payment", "buyer")
        assert (trade["amount"], trade["price"], trade["total"]) == ("100.000000", "1", "100.00")
        assert (trade["payment_method"], trade["seller"]["display_name"]) == ("wise", "Alice")
        assert alice.balance() == ("9900.000000", "100.000000")  # the order's reservation became the trade's escrow
        assert types(alices.events(2)) == ["order_filled", "trade_opened"]
        assert types(bobs.events(3)) == ["order_created", "order_filled", "trade_opened"]

        assert bob.post(f"/trades/{trade['id']}/paid")["status"] == "paid"
        assert types(alices.events(1)) == types(bobs.events(1)) == ["trade_paid"]
        assert alice.balance() == ("9900.000000", "100.000000")

        assert alice.post(f"/trades/{trade['id']}/release")["status"] == "released"
        assert alice.balance() == ("9900.000000", "0.000000")
        assert bob.balance() == ("10100.000000", "0.000000")
        assert types(alices.events(2)) == types(bobs.events(2)) == ["trade_released", "wallet_updated"]

        heard = anyone.events(9)
        check_public_news(heard, market)
        check_records(alice, bob, trade)
        check_tape(platform, market)
    assert audit() == []


def check_public_news(heard: list[Json], market: str) -> None:
    """The book's snapshot and four events, each on both channels under one `seq`; nobody's name in any."""
    snapshot = next(message for message in heard if message["type"] == "snapshot")
    assert (snapshot["bids"], snapshot["asks"]) == ([], [])
    told = [message for message in heard if message["channel"] == "market_updates"]
    deltas = [message for message in heard if message["type"] == "delta"]
    assert types(told) == ["order_created", "order_created", "order_filled", "trade_released"]
    assert [m["seq"] for m in told] == [m["seq"] for m in deltas] == [snapshot["seq"] + n for n in range(1, 5)]
    assert [delta["asks"] for delta in deltas] == [[["1", "100.000000", 1]], [], [["1", "0.000000", 0]], []]
    assert {message["market"] for message in heard} == {market}
    for text in map(json.dumps, heard):
        assert "Alice" not in text
        assert "Bob" not in text


def check_records(alice: Person, bob: Person, trade: Json) -> None:
    """Both parties find the receipt and the same history, and REST repeats what their sockets said."""
    receipts = [person.get("/transactions")["results"] for person in (alice, bob)]
    assert [[r["trade"] for r in found] for found in receipts] == [[trade["id"]]] * 2
    assert [found[0]["role"] for found in receipts] == ["seller", "buyer"]
    histories = [person.get(f"/trades/{trade['id']}/timeline")["results"] for person in (alice, bob)]
    assert histories[0] == histories[1]
    steps = [(step["action"], step["actor"]) for step in histories[0]]
    assert steps == [("open", "system"), ("mark_paid", "buyer"), ("release", "seller")]
    events = alice.get("/events")["results"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert types(events)[-2:] == ["trade_released", "wallet_updated"]


def check_tape(platform: ServerProcess, market: str) -> None:
    page = httpx.get(f"{platform.address}/api/v1/markets/{market}/trades", trust_env=False).json()
    (fill,) = page["results"]
    assert {**fill, "time": None} == {
        "market": market,
        "price": "1",
        "amount": "100.000000",
        "side": "buy",
        "time": None,
    }


def test_people_register_deposit_and_find_each_other(platform: ServerProcess, own_market: Market) -> None:
    with contextlib.ExitStack() as stack:
        maker, taker = (stack.enter_context(registered(platform)) for _ in range(2))
        key = str(uuid4())
        deposits = [maker.post("/wallet/deposits", {"amount": "50"}, status=201, key=key) for _ in range(2)]
        assert deposits[0] == deposits[1]
        assert maker.balance() == ("50.000000", "0.000000")
        offer = maker.order("sell", "2", "50", market=own_market.symbol)["order"]
        asked = {"amount": "20", "version": offer["version"]}
        (trade,) = taker.post(f"/orders/{offer['id']}/take", asked, status=201)["trades"]
        taker.post(f"/trades/{trade['id']}/paid")
        maker.post(f"/trades/{trade['id']}/release")
        assert (maker.balance(), taker.balance()) == (("0.000000", "30.000000"), ("20.000000", "0.000000"))
    assert audit() == []


@contextlib.contextmanager
def registered(platform: ServerProcess) -> Iterator[Person]:
    body = {"email": f"{uuid4()}@iqx.example", "password": "a long enough passphrase"}
    answer = httpx.post(f"{platform.address}/api/v1/auth/register", json=body, trust_env=False, timeout=20)
    assert answer.status_code == 201, answer.text
    with Person.with_tokens(platform, answer.json()) as person:
        yield person


def test_a_trade_called_off_gives_everything_back(trader: Trader, own_market: Market) -> None:
    seller, buyer = trader(1000), trader()
    trade = opened_trade(seller, buyer, own_market)
    seller.post(f"/trades/{trade['id']}/cancel", status=403)
    assert seller.balance() == ("900.000000", "100.000000")
    with seller.listening() as sellers:
        assert buyer.post(f"/trades/{trade['id']}/cancel")["status"] == "cancelled"
        assert types(sellers.events(2)) == ["trade_cancelled", "wallet_updated"]
    assert seller.balance() == ("1000.000000", "0.000000")
    buyer.post(f"/trades/{trade['id']}/paid", status=409)
    assert seller.get("/transactions")["results"] == []


def test_the_seller_asks_and_the_buyer_agrees_to_cancel(trader: Trader, own_market: Market) -> None:
    seller, buyer = trader(1000), trader()
    trade = opened_trade(seller, buyer, own_market)
    buyer.post(f"/trades/{trade['id']}/cancel-request/accept", status=409)
    seller.post(f"/trades/{trade['id']}/cancel-request")
    assert buyer.post(f"/trades/{trade['id']}/cancel-request/accept")["status"] == "cancelled"
    assert seller.balance() == ("1000.000000", "0.000000")


@pytest.mark.parametrize(
    ("ruling", "status", "seller_has", "buyer_has"),
    [
        ({"resolution": "release"}, "released", "900.000000", "100.000000"),
        ({"resolution": "refund"}, "refunded", "1000.000000", "0.000000"),
        ({"resolution": "split", "buyer_amount": "30"}, "split", "970.000000", "30.000000"),
    ],
    ids=["release", "refund", "split"],
)
def test_staff_settle_a_dispute(
    trader: Trader, own_market: Market, ruling: Json, status: str, seller_has: str, buyer_has: str
) -> None:
    seller, buyer, support, admin = trader(1000), trader(), trader(role="support"), trader(role="admin")
    trade = opened_trade(seller, buyer, own_market)
    buyer.post(f"/trades/{trade['id']}/paid")
    claim = {"reason": "not_released", "statement": "I paid an hour ago."}
    dispute = buyer.post(f"/trades/{trade['id']}/dispute", claim, status=201)
    seller.post(f"/trades/{trade['id']}/release", status=409)

    staff_path = f"{admin.server.address}/api/admin/disputes/{dispute['id']}"
    ruling = {**ruling, "reason": "As the bank statement shows."}
    with buyer.listening() as buyers:
        assert support.post(f"{staff_path}/assign")["status"] == "in_review"
        support.post(f"{staff_path}/resolve", ruling, status=403)
        seller.post(f"{staff_path}/resolve", ruling, status=403)
        assert seller.balance() == ("900.000000", "100.000000")
        assert admin.post(f"{staff_path}/resolve", ruling)["status"] == "resolved"
        assert "dispute_updated" in types(buyers.events(3))
    assert buyer.get(f"/trades/{trade['id']}")["status"] == status
    assert (seller.balance(), buyer.balance()) == ((seller_has, "0.000000"), (buyer_has, "0.000000"))
    assert len(buyer.get("/transactions")["results"]) == (status != "refunded")


def test_logging_out_closes_the_socket(trader: Trader) -> None:
    person = trader()
    with person.listening() as socket:
        person.post("/auth/logout", {"refresh": person.refresh}, status=204)
        assert socket.close_code() == 4001
    person.get("/wallet", status=401)


def test_a_socket_resumes_where_it_was_cut_off(trader: Trader, own_market: Market) -> None:
    person = trader(1000)
    with person.listening() as socket:
        person.order("sell", "1", "10", market=own_market.symbol)
        seen = socket.events(2)[-1]["seq"]
    placed = [person.order("sell", "2", "10", market=own_market.symbol)["order"]["id"] for _ in range(3)]
    with person.server.client(person.access) as socket:
        socket.subscribe("user", since=seen)
        missed = socket.events(6)
    assert [event["seq"] for event in missed] == list(range(seen + 1, seen + 7))
    assert [event["data"]["id"] for event in missed if event["type"] == "order_created"] == placed


def test_a_stranger_hears_nothing_of_a_trade(trader: Trader, own_market: Market) -> None:
    seller, buyer, stranger = trader(1000), trader(), trader()
    with stranger.listening() as strangers, stranger.server.client() as anonymous:
        assert anonymous.ask("subscribe", channel="user")["code"] == "not_authenticated"
        trade = opened_trade(seller, buyer, own_market)
        buyer.post(f"/trades/{trade['id']}/paid")
        assert strangers.is_quiet()


def test_every_notice_of_a_trade_is_in_the_feeds_document() -> None:
    told = {transition.notice for transition in TRANSITIONS.values()}
    documented = schemas.document()["components"]["schemas"]["UserEvent"]["properties"]["type"]["enum"]
    assert told <= set(documented)
