"""Where the money goes when a trade ends, and where its amount goes."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from accounts.models import User
from iqx.core.errors import NotFound
from iqx.core.models import Event
from orders.models import Market, Order
from orders.services import cancel_order
from tests.factories.orders import act, bring_to, fresh, make_market, make_trader, place, trade_between
from tests.factories.wallets import balance_of
from trades.errors import NoCancelRequest, NotYourStep, WrongTradeStatus
from trades.escrow import Action, Actor
from trades.matching_run import match_market
from trades.models import Trade, Transaction
from trades.services import accept_cancel, cancel_trade, mark_paid, reject_cancel, release_trade, request_cancel
from wallets.audit import audit
from wallets.models import SystemAccount
from wallets.selectors import system_balance

pytestmark = pytest.mark.django_db

UseCase = Callable[..., Trade]


def balances(*people: User) -> list[tuple[Decimal, Decimal]]:
    return [balance_of(person) for person in people]


def fees_earned() -> Decimal:
    return system_balance(SystemAccount.FEES)


def test_a_release_pays_the_buyer(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, 100, "0.95")
    assert balances(seller, buyer) == [(Decimal(9900), Decimal(100)), (Decimal(0), Decimal(0))]
    mark_paid(trade_id=trade.id, actor_id=buyer.id)
    assert balances(seller, buyer) == [(Decimal(9900), Decimal(100)), (Decimal(0), Decimal(0))]
    release_trade(trade_id=trade.id, actor_id=seller.id)
    assert balances(seller, buyer) == [(Decimal(9900), Decimal(0)), (Decimal(100), Decimal(0))]
    assert fees_earned() == 0
    assert audit() == []


@pytest.fixture
def dear_market(db: None) -> Market:
    """0.1 % for makers, 0.3 % for takers."""
    return make_market("USDT-USD", maker_fee=Decimal("0.001"), taker_fee=Decimal("0.003"))


def dear_trade(seller: User, buyer: User, amount: str = "33.33", *, status: str = "awaiting_payment") -> Trade:
    place(seller, "sell", "1.11", amount, market="USDT-USD")
    (trade,) = place(buyer, "buy", "1.11", amount, market="USDT-USD")[1]
    return bring_to(trade, status)


def test_both_sides_pay_their_fee_rounded_down(dear_market: Market) -> None:
    seller, buyer = make_trader(100), make_trader(0)
    trade = dear_trade(seller, buyer)
    assert (trade.seller_fee, trade.buyer_fee) == (Decimal("0.033330"), Decimal("0.099990"))
    assert trade.total == Decimal("37.00")  # 33.33 x 1.11 = 36.9963
    # What was reserved for the taker's fee came back when the seller turned out to be the maker.
    assert balance_of(seller) == (Decimal("66.636670"), Decimal("33.363330"))
    bring_to(trade, "released")
    assert balances(seller, buyer) == [(Decimal("66.636670"), Decimal(0)), (Decimal("33.230010"), Decimal(0))]
    assert fees_earned() == Decimal("0.133320")
    assert audit() == []


def test_the_smallest_fees_vanish(dear_market: Market) -> None:
    make_market("USDT-GBP", lot_size=Decimal("0.000001"), min_amount=Decimal("0.000001"), maker_fee=Decimal("0.5"))
    seller, buyer = make_trader(1), make_trader(0)
    place(seller, "sell", 1, "0.000001", market="USDT-GBP")
    (trade,) = place(buyer, "buy", 1, "0.000001", market="USDT-GBP")[1]
    assert (trade.seller_fee, trade.buyer_fee) == (0, 0)
    bring_to(trade, "released")
    assert balance_of(buyer) == (Decimal("0.000001"), Decimal(0))


def test_a_trade_without_a_sale_costs_no_fee(dear_market: Market) -> None:
    seller, buyer = make_trader(100), make_trader(0)
    trade = dear_trade(seller, buyer, status="cancelled")
    assert balances(seller, buyer) == [(Decimal(100), Decimal(0)), (Decimal(0), Decimal(0))]
    assert (fees_earned(), fresh(trade).buyer_amount) == (0, 0)
    assert not Transaction.objects.exists()


@pytest.mark.parametrize("ending", ["cancelled", "refunded"])
def test_without_a_sale_the_seller_has_everything_back(ending: str, seller: User, buyer: User) -> None:
    trade_between(seller, buyer, status=ending)
    assert balances(seller, buyer) == [(Decimal(10000), Decimal(0)), (Decimal(0), Decimal(0))]
    assert audit() == []


def test_a_split_pays_each_his_part_and_the_fees_of_the_part(dear_market: Market) -> None:
    seller, buyer = make_trader(100), make_trader(0)
    trade = dear_trade(seller, buyer, "90", status="disputed")
    act(trade.id, Action.RULE_SPLIT, Actor.STAFF, buyer_amount=Decimal("30.000001"))
    trade = fresh(trade)
    assert (trade.seller_fee, trade.buyer_fee) == (Decimal("0.030000"), Decimal("0.090000"))
    assert balances(seller, buyer) == [
        (Decimal(100) - Decimal("30.000001") - Decimal("0.03"), Decimal(0)),
        (Decimal("30.000001") - Decimal("0.09"), Decimal(0)),
    ]
    assert Transaction.objects.get(trade=trade).amount == Decimal("30.000001")
    assert audit() == []


def test_a_receipt_says_what_was_settled(dear_market: Market) -> None:
    seller, buyer = make_trader(100), make_trader(0)
    trade = dear_trade(seller, buyer, status="released")
    receipt = Transaction.objects.get(trade=trade)
    assert (receipt.buyer, receipt.seller, receipt.market) == (buyer, seller, dear_market)
    assert (receipt.amount, receipt.price, receipt.total) == (trade.amount, trade.price, trade.total)
    assert (receipt.buyer_fee, receipt.seller_fee) == (trade.buyer_fee, trade.seller_fee)
    assert receipt.settled_at == trade.closed_at


# The amount: whoever failed loses it, the other one's order gets it back, if it is still live.


def partly_filled(side: str, maker: User, taker: User) -> tuple[Order, Trade]:
    """A resting order of 100 of which 40 went into a trade."""
    order, _ = place(maker, side, 1, 100)
    (trade,) = place(taker, "sell" if side == "buy" else "buy", 1, 40)[1]
    order.refresh_from_db()
    assert (order.filled, order.status) == (40, "open")
    return order, trade


def test_the_sellers_live_order_gets_back_what_the_buyer_did_not_buy(seller: User, buyer: User) -> None:
    order, trade = partly_filled("sell", seller, buyer)
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    match_market("USDT-EUR")
    order.refresh_from_db()
    assert (order.status, order.filled, order.reserved) == ("open", 0, 100)
    assert balance_of(seller) == (Decimal(9900), Decimal(100))
    assert Order.objects.get(pk=trade.buy_order_id).filled == 40  # the buyer's is used up
    assert audit() == []


def test_the_buyers_live_order_gets_back_what_the_seller_withdrew(seller: User, buyer: User) -> None:
    order, trade = partly_filled("buy", buyer, seller)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    accept_cancel(trade_id=trade.id, actor_id=buyer.id)
    match_market("USDT-EUR")
    order.refresh_from_db()
    assert (order.status, order.filled) == ("open", 0)
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert Order.objects.get(pk=trade.sell_order_id).filled == 40
    assert audit() == []


def test_the_failing_sides_own_order_loses_the_amount(seller: User, buyer: User) -> None:
    order, trade = partly_filled("buy", buyer, seller)
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    order.refresh_from_db()
    assert (order.status, order.filled) == ("open", 40)
    assert balance_of(seller) == (Decimal(10000), Decimal(0))


def test_a_dead_order_gets_nothing_back(seller: User, buyer: User) -> None:
    order, trade = partly_filled("sell", seller, buyer)
    cancel_order(order_id=order.id, owner_id=seller.id)
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    order.refresh_from_db()
    assert (order.status, order.filled, order.reserved) == ("cancelled", 40, 0)
    assert balance_of(seller) == (Decimal(10000), Decimal(0))
    assert audit() == []


def test_a_returned_amount_keeps_its_place_in_the_queue(seller: User, buyer: User) -> None:
    order, trade = partly_filled("sell", seller, buyer)
    rival, _ = place(make_trader(), "sell", 1, 100)
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    match_market("USDT-EUR")
    (next_trade,) = place(buyer, "buy", 1, 100)[1]
    assert next_trade.sell_order_id == order.id
    assert Order.objects.get(pk=rival.id).filled == 0


def test_a_returned_amount_trades_at_once_with_whoever_waits_for_it(seller: User, buyer: User) -> None:
    _, trade = partly_filled("sell", seller, buyer)
    place(make_trader(0), "buy", 1, 80, min_fill=80)  # 60 were left: too little for it
    assert Trade.objects.count() == 1
    cancel_trade(trade_id=trade.id, actor_id=buyer.id)
    match_market("USDT-EUR")
    assert Trade.objects.latest("created_at", "id").amount == 80
    assert audit() == []


# A seller may ask to cancel; the buyer decides.


def test_a_seller_cannot_cancel_alone(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    with pytest.raises(NotYourStep):
        cancel_trade(trade_id=trade.id, actor_id=seller.id)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    assert fresh(trade).status == "awaiting_payment"


def test_asking_twice_asks_once(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    assert trade.steps.filter(action="cancel_requested").count() == 1
    assert Event.objects.filter(type="trade_cancel_requested").count() == 2  # one for each party


def test_a_refused_wish_to_cancel_is_gone(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    reject_cancel(trade_id=trade.id, actor_id=buyer.id)
    with pytest.raises(NoCancelRequest):
        accept_cancel(trade_id=trade.id, actor_id=buyer.id)
    assert fresh(trade).status == "awaiting_payment"


@pytest.mark.parametrize("answer", [accept_cancel, reject_cancel])
def test_a_seller_cannot_answer_himself(answer: UseCase, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    request_cancel(trade_id=trade.id, actor_id=seller.id)
    with pytest.raises(NotYourStep):
        answer(trade_id=trade.id, actor_id=seller.id)
    assert fresh(trade).cancel_requested_at is not None


def test_a_buyer_cannot_ask_to_cancel(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    with pytest.raises(NotYourStep):
        request_cancel(trade_id=trade.id, actor_id=buyer.id)
    assert fresh(trade).cancel_requested_at is None


@pytest.mark.parametrize("status", ["disputed", "released", "cancelled"])
def test_nobody_asks_to_cancel_what_is_over_or_before_staff(status: str, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status=status)
    with pytest.raises(WrongTradeStatus):
        request_cancel(trade_id=trade.id, actor_id=seller.id)


@pytest.mark.parametrize("use_case", [mark_paid, release_trade, cancel_trade, request_cancel, accept_cancel])
def test_a_stranger_finds_no_trade(use_case: UseCase, seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer)
    with pytest.raises(NotFound):
        use_case(trade_id=trade.id, actor_id=make_trader(0).id)
    assert fresh(trade).version == trade.version


def test_a_buyer_cannot_release(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="paid")
    with pytest.raises(NotYourStep):
        release_trade(trade_id=trade.id, actor_id=buyer.id)
    assert fresh(trade).status == "paid"
    assert balance_of(buyer) == (Decimal(0), Decimal(0))
