"""What merchants ask of a trade: its size, whom it is with, and what is said first."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import TraderRecord, User
from accounts.trust.standing import Requirements
from iqx.core import clock
from iqx.core.models import Event
from orders.models import Market, Order
from orders.services import place_orders
from tests.factories.accounts import auth_client, make_user
from tests.factories.orders import SYMBOL, make_trader, new_order, place, place_batch, take
from tests.factories.statements import recorded
from tests.factories.wallets import balance_of, fund
from trades.models import Message, Trade
from wallets.audit import audit

pytestmark = pytest.mark.django_db


def post_order(owner: User, side: str = "sell", **fields: Any) -> Any:
    body = {"market": SYMBOL, "side": side, "price": "1", "amount": "100"} | fields
    return auth_client(owner).post("/api/v1/orders", body, format="json")


def post_take(taker: User, offer: dict[str, Any], amount: str, **fields: Any) -> Any:
    body = {"amount": amount, "version": offer["version"]} | fields
    return auth_client(taker).post(f"/api/v1/orders/{offer['id']}/take", body, format="json")


def experienced(trades: int = 20, rate: str = "0.95", days: int = 100, level: int = 1) -> User:
    user = make_user(
        kyc_status="verified" if level else "none", kyc_level=level, created_at=clock.now() - timedelta(days=days)
    )
    TraderRecord.objects.create(user=user, completed_trades=trades, completion_rate=Decimal(rate))
    return user


# Amount ranges.


def test_no_trade_is_larger_than_an_offers_maximum(seller: User, buyer: User) -> None:
    offer = post_order(seller, min_fill="20", max_fill="50").json()["order"]
    assert (offer["min_fill"], offer["max_fill"]) == ("20.000000", "50.000000")
    for amount in ("50.01", "19.99"):
        refused = post_take(buyer, offer, amount)
        assert (refused.status_code, refused.json()["code"]) == (422, "offer_incompatible")
        assert (refused.json()["min_fill"], refused.json()["max_fill"]) == ("20.000000", "50.000000")
    assert Trade.objects.count() == 0
    (trade,) = post_take(buyer, offer, "50").json()["trades"]
    assert trade["amount"] == "50.000000"
    bid, trades = place(make_trader(0), "buy", 1, 100)
    assert ([t.amount for t in trades], bid.status, bid.filled) == ([50], "open", 50)
    assert audit() == []


def test_what_a_maximum_leaves_over_meets_the_next_offer(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 100, max_fill=Decimal(30))
    place(make_trader(), "sell", 2, 100)
    _, trades = place(buyer, "buy", 2, 100)
    assert sorted((t.price, t.amount) for t in trades) == [(1, 30), (2, 70)]
    assert audit() == []


@pytest.mark.parametrize("max_fill", ["0", "0.5", "10.005", "-1", "9"])
def test_a_maximum_that_makes_no_sense_is_refused(max_fill: str, seller: User) -> None:
    refused = post_order(seller, min_fill="10", max_fill=max_fill)
    assert refused.status_code in {400, 422}
    assert refused.json()["code"] in {"validation_error", "amount_not_on_lot"}
    assert Order.objects.count() == 0
    assert balance_of(seller) == (10_000, 0)


def test_the_list_of_offers_leaves_out_those_that_are_too_small_by_their_maximum(seller: User) -> None:
    post_order(seller, max_fill="50")
    found = auth_client(seller).get(f"/api/v1/markets/{SYMBOL}/orders?amount=50").json()["results"]
    assert len(found) == 1
    assert auth_client(seller).get(f"/api/v1/markets/{SYMBOL}/orders?amount=51").json()["results"] == []


# Whom it is with.

DEMANDS = {"kyc_level": 1, "completed_trades": 10, "completion_rate": "0.9", "account_age_days": 30}


def test_a_taker_is_told_what_he_lacks(seller: User, market: Market) -> None:
    offer = post_order(seller, requirements=DEMANDS).json()["order"]
    assert offer["requirements"] == DEMANDS | {"completion_rate": "0.9000"}
    refused = post_take(make_user(), offer, "10")
    assert (refused.status_code, refused.json()["code"]) == (422, "requirements_not_met")
    assert refused.json()["unmet"] == [
        {"requirement": "kyc_level", "needed": 1, "yours": 0},
        {"requirement": "completed_trades", "needed": 10, "yours": 0},
        {"requirement": "completion_rate", "needed": "0.9000", "yours": None},
        {"requirement": "account_age_days", "needed": 30, "yours": 0},
    ]
    refused = post_take(experienced(rate="0.8999"), offer, "10")
    assert [unmet["requirement"] for unmet in refused.json()["unmet"]] == ["completion_rate"]
    assert Trade.objects.count() == 0
    assert Order.objects.count() == 1
    assert post_take(experienced(rate="0.9"), offer, "10").status_code == 201


def test_matching_passes_over_who_does_not_meet_what_is_asked_on_either_side(market: Market) -> None:
    sellers = [make_trader(), experienced(level=2)]
    stranger, regular = make_trader(0), experienced()
    asks = Requirements(completed_trades=10)
    fund(sellers[1], 1000)
    place(sellers[0], "sell", 1, 10)
    place(sellers[1], "sell", 2, 10, requires=asks)
    assert place(stranger, "buy", 2, 20)[1][0].price == 1  # the other offer is not for him
    assert [t.price for t in place(regular, "buy", 2, 10)[1]] == [2]
    place(sellers[0], "sell", 1, 10)  # sells to the stranger's rest
    place(sellers[0], "sell", 1, 10)
    bid, trades = place(regular, "buy", 3, 10, requires=asks)  # a new seller is not for him
    assert (trades, bid.status) == ([], "open")
    assert audit() == []


def test_orders_of_one_batch_meet_by_their_requirements_too(market: Market) -> None:
    new, old = make_trader(), experienced()
    place_orders(owner=new, new=[new_order("sell", 1, 10)])
    place_orders(owner=old, new=[new_order("buy", 1, 10, requires=Requirements(account_age_days=1))])
    place_batch(old, [new_order("buy", "0.5", 10)])
    assert Trade.objects.count() == 0


def test_requirements_cost_one_statement_where_there_are_any(seller: User, buyer: User) -> None:
    def statements(price: str) -> int:
        with recorded() as sent:
            place(buyer, "buy", price, 10)
        return len(sent)

    place(buyer, "buy", "0.1", 10)
    plain = statements("0.1")
    for _ in range(5):
        place(seller, "sell", 1, 10, requires=Requirements(completed_trades=10))
    assert statements("1") == plain + 1


@pytest.mark.parametrize(
    "demands", [{"kyc_level": 3}, {"completion_rate": "1.1"}, {"completion_rate": "0"}, {"account_age_days": -1}, 7]
)
def test_requirements_that_make_no_sense_are_refused(demands: Any, seller: User) -> None:
    refused = post_order(seller, requirements=demands)
    assert (refused.status_code, refused.json()["code"]) == (400, "validation_error")
    assert Order.objects.count() == 0


def test_requirements_that_ask_nothing_are_none(seller: User) -> None:
    assert post_order(seller, requirements={"kyc_level": None}).json()["order"]["requirements"] is None


# What is said first.


def test_the_auto_reply_is_the_merchants_first_message(seller: User, buyer: User) -> None:
    offer = post_order(
        seller, auto_reply="Hello! Pay within 15 minutes. More: www.example.com", terms="SEPA only"
    ).json()
    assert offer["order"]["auto_reply"].startswith("Hello!")
    assert "Hello" not in str(auth_client(buyer).get(f"/api/v1/markets/{SYMBOL}/orders").json())
    (trade,) = post_take(buyer, offer["order"], "10").json()["trades"]
    for reader, mine in ((seller, True), (buyer, False)):
        page = auth_client(reader).get(f"/api/v1/trades/{trade['id']}/messages").json()["results"]
        (message,) = (entry for entry in page if entry["kind"] == "message")
        assert (message["actor"], message["mine"]) == ("seller", mine)
        assert message["body"].startswith("Hello!")
        assert bool(message["warning"]) is not mine  # a link warns in it, too
    told = Event.objects.filter(type="trade_message").values_list("stream_id", flat=True)
    assert sorted(told) == sorted([f"user:{seller.id}", f"user:{buyer.id}"])


def test_auto_replies_of_both_sides_and_of_many_trades_take_one_statement(seller: User, buyer: User) -> None:
    for _ in range(3):
        place(seller, "sell", 1, 10, auto_reply="From the seller")
    _, trades = place(buyer, "buy", 1, 30, auto_reply="From the buyer")
    assert len(trades) == 3
    said = Message.objects.values_list("role", "body").order_by("role", "id")
    assert list(said) == [("buyer", "From the buyer")] * 3 + [("seller", "From the seller")] * 3
    assert all(message.after.trade_id == message.trade_id for message in Message.objects.select_related("after"))


def test_without_an_auto_reply_nothing_is_said(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 10)
    take(buyer, Order.objects.get(), 10)
    assert not Message.objects.exists()
    assert post_order(seller, auto_reply="   ").status_code == 400
