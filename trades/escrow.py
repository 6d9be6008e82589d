"""The life of a trade: one table of who may do what when, and one function that applies it.

Everything here works on rows that are locked already: the market's book if the trade may be cancelled, then the
trade. Every state is final, or has a deadline and an owner; a timer never pays anybody (`tests/trades` walk the
table to see both).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from django.conf import settings

from iqx.core import bulk, clock
from iqx.core.events import NewEvent
from iqx.core.ids import new_id
from iqx.core.money import ZERO
from orders.book import BookChanges
from orders.matching import Side
from orders.models import Order
from trades.errors import NotYourStep, WrongTradeStatus
from trades.events import trade_released, trade_update
from trades.models import Step, Trade, Transaction
from trades.settlement import return_to_seller, settle

Actor = Step.Actor
Status = Trade.Status


class Action(StrEnum):
    MARK_PAID = "mark_paid"
    RELEASE = "release"
    CANCEL = "cancel"
    ACCEPT_CANCEL = "accept_cancel"  # the buyer agrees with the seller's wish
    EXPIRE = "expire"
    END_GRACE = "end_grace"
    REMIND = "remind"
    DISPUTE = "dispute"
    WITHDRAW_DISPUTE = "withdraw_dispute"
    ESCALATE = "escalate"
    RULE_RELEASE = "rule_release"
    RULE_REFUND = "rule_refund"
    RULE_SPLIT = "rule_split"


class Clock(StrEnum):
    """What runs in a state; `seconds` says how long."""

    PAYMENT = "payment"  # set by the market when the trade opens
    GRACE = "grace"
    RELEASE = "release"
    DISPUTE = "dispute"

    @property
    def seconds(self) -> int:
        return int(settings.TRADE_CLOCKS[self.value])


@dataclass(frozen=True, slots=True)
class Transition:
    """What an action leads to. `failed` is the side that loses the amount of a trade that ends without a sale."""

    to: Status
    notice: str
    clock: Clock | None = None
    failed: Side | None = None


_PAID = Transition(Status.PAID, "trade_paid", Clock.RELEASE)
_BUYER_CANCELS = Transition(Status.CANCELLED, "trade_cancelled", failed=Side.BUY)
_SELLER_CANCELS = Transition(Status.CANCELLED, "trade_cancelled", failed=Side.SELL)
_DISPUTED = Transition(Status.DISPUTED, "trade_disputed", Clock.DISPUTE)

TRANSITIONS: Final[dict[tuple[Status, Action, Actor], Transition]] = {
    (Status.AWAITING_PAYMENT, Action.MARK_PAID, Actor.BUYER): _PAID,
    (Status.AWAITING_PAYMENT, Action.CANCEL, Actor.BUYER): _BUYER_CANCELS,
    (Status.AWAITING_PAYMENT, Action.ACCEPT_CANCEL, Actor.BUYER): _SELLER_CANCELS,
    (Status.AWAITING_PAYMENT, Action.EXPIRE, Actor.SYSTEM): Transition(Status.EXPIRED, "trade_expired", Clock.GRACE),
    (Status.EXPIRED, Action.MARK_PAID, Actor.BUYER): _PAID,
    (Status.EXPIRED, Action.CANCEL, Actor.BUYER): _BUYER_CANCELS,
    (Status.EXPIRED, Action.ACCEPT_CANCEL, Actor.BUYER): _SELLER_CANCELS,
    (Status.EXPIRED, Action.END_GRACE, Actor.SYSTEM): _BUYER_CANCELS,
    (Status.PAID, Action.RELEASE, Actor.SELLER): Transition(Status.RELEASED, "trade_released"),
    (Status.PAID, Action.CANCEL, Actor.BUYER): _BUYER_CANCELS,
    (Status.PAID, Action.ACCEPT_CANCEL, Actor.BUYER): _SELLER_CANCELS,
    (Status.PAID, Action.REMIND, Actor.SYSTEM): Transition(Status.PAID, "trade_reminder", Clock.RELEASE),
    (Status.PAID, Action.DISPUTE, Actor.BUYER): _DISPUTED,
    (Status.PAID, Action.DISPUTE, Actor.SELLER): _DISPUTED,
    (Status.PAID, Action.DISPUTE, Actor.SYSTEM): _DISPUTED,
    (Status.DISPUTED, Action.WITHDRAW_DISPUTE, Actor.BUYER): _PAID,
    (Status.DISPUTED, Action.WITHDRAW_DISPUTE, Actor.SELLER): _PAID,
    (Status.DISPUTED, Action.ESCALATE, Actor.SYSTEM): Transition(Status.DISPUTED, "trade_escalated", Clock.DISPUTE),
    (Status.DISPUTED, Action.RULE_RELEASE, Actor.STAFF): Transition(Status.RELEASED, "trade_released"),
    (Status.DISPUTED, Action.RULE_REFUND, Actor.STAFF): Transition(Status.REFUNDED, "trade_refunded", failed=Side.BUY),
    (Status.DISPUTED, Action.RULE_SPLIT, Actor.STAFF): Transition(Status.SPLIT, "trade_split"),
}

OWNER: Final[dict[Status, Actor]] = {
    Status.AWAITING_PAYMENT: Actor.BUYER,
    Status.EXPIRED: Actor.BUYER,
    Status.PAID: Actor.SELLER,
    Status.DISPUTED: Actor.STAFF,
}
"""Who owes the next step in each state that is not final."""


def transition_for(trade: Trade, action: Action, actor: Actor) -> Transition:
    """Raises NotYourStep if the actor may never do this, WrongTradeStatus if not now."""
    found = TRANSITIONS.get((Status(trade.status), action, actor))
    if found:
        return found
    if not any(key[1:] == (action, actor) for key in TRANSITIONS):
        raise NotYourStep
    raise WrongTradeStatus(current_status=trade.status)


_CHANGING: Final = (
    "id", "status", "version", "deadline", "extended", "reminded", "cancel_requested_at", "paid_at", "closed_at",
    "escrow", "buyer_amount", "buyer_fee", "seller_fee",
)  # fmt: skip
_ON_THE_RECEIPT: Final = ("market_id", "buyer_id", "seller_id", "price", "total", "buyer_fee", "seller_fee")


def advance(
    trade: Trade, action: Action, actor: Actor, *, note: str = "", buyer_amount: Decimal | None = None
) -> list[NewEvent]:
    """Apply `action` to a locked trade: state, money, history. Returns the events for the caller to append last.

    `buyer_amount` is needed for a split alone: what of the trade's amount goes to the buyer.

    Locks: wallets. Raises: NotYourStep, WrongTradeStatus.
    """
    transition = transition_for(trade, action, actor)
    now = clock.now()
    trade.status = transition.to
    trade.version += 1
    trade.deadline = now + timedelta(seconds=transition.clock.seconds) if transition.clock else None
    if action is Action.MARK_PAID:
        trade.paid_at = now
    trade.reminded = action is Action.REMIND
    consequences = [] if trade.deadline else _end(trade, transition, now, buyer_amount)
    bulk.update(Trade, [{column: getattr(trade, column) for column in _CHANGING}])
    record_step(trade, action, actor, now, note)
    return trade_update(trade, transition.notice) + consequences


def record_step(trade: Trade, action: str, actor: Actor, now: datetime, note: str = "") -> None:
    step = {"trade_id": trade.id, "action": action, "actor": actor, "status": trade.status, "note": note, "at": now}
    bulk.insert(Step, [step])


def _end(trade: Trade, transition: Transition, now: datetime, buyer_amount: Decimal | None) -> list[NewEvent]:
    """Settle a trade whose last state is reached."""
    trade.closed_at = now
    if transition.failed:
        trade.buyer_amount = ZERO
        return _end_without_sale(trade, transition.failed, now)
    trade.buyer_amount = trade.amount if buyer_amount is None else buyer_amount
    events = settle(trade, trade.buyer_amount)
    receipt = {
        "id": new_id(),
        "trade_id": trade.id,
        "amount": trade.buyer_amount,
        "settled_at": now,
        **{column: getattr(trade, column) for column in _ON_THE_RECEIPT},
    }
    bulk.insert(Transaction, [receipt])
    return events + trade_released(trade)


def _end_without_sale(trade: Trade, failed: Side, now: datetime) -> list[NewEvent]:
    """The side that failed loses the amount; the other side's order gets it back, if it is live.

    If it isn't, the amount counts no more towards its owner's daily limit at least.

    The seller's funds go back into a live order's reservation, which moves nothing in the wallet, or to `available`.
    """
    order_id = trade.sell_order_id if failed is Side.BUY else trade.buy_order_id
    changes = BookChanges(now)
    order = Order.objects.get(pk=order_id)
    if order.status not in Order.LIVE:
        changes.give_up(order, trade.amount)
    else:
        changes.requeue(order)
        order.filled -= trade.amount
        if failed is Side.BUY:
            order.reserved += trade.escrow
            changes.write()
            return changes.events
    changes.write()
    return changes.events + return_to_seller(trade)
