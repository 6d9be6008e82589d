"""How a trade is paid: agreeing on a method, choosing the account that is paid to, and showing it to the buyer.

A trade is paid to the seller's default account for its method, as that was when the trade opened (or when the method
was agreed on), unless he chooses another for this trade. What was shown once changes only by his own, visible step.
The details are shown in answers to the buyer alone, while the trade lives; events and stored answers have none.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts.models import PaymentAccount
from accounts.payments.sealing import details_of, name_matches
from accounts.selectors import AccountWanted, find_payment_accounts, get_payment_account
from accounts.step_up import require_second_factor
from iqx.core import clock, events
from iqx.core.clock import rfc3339_or_none
from iqx.core.errors import Invalid
from iqx.core.transactions import use_case
from orders.models import Market
from orders.payment_rules import check_caps, payment_window
from trades.errors import MethodNotProposed, MethodOpen, MethodSettled, NotYourStep, WrongTradeStatus
from trades.escrow import Actor, Status, record_step
from trades.events import trade_update
from trades.models import Trade
from trades.services import lock_trade, role_of

_UNPAID = {Status.AWAITING_PAYMENT, Status.EXPIRED}
_CHANGED = (
    "payment_method", "proposed_method", "method_agreed_at", "payment_account", "account_changed_at", "deadline",
    "version",
)  # fmt: skip


@use_case
def agree_on_method(*, trade_id: UUID, actor_id: UUID, payment_method: str) -> Trade:
    """Name, as the seller, one of the market's methods; agree to it, as the buyer, by naming the same.

    The deadline is the method's own from the agreement on, if that is later.

    Locks: the trade, streams. Raises: NotFound, WrongTradeStatus, MethodSettled, Invalid, PaymentCapExceeded,
    MethodNotProposed. Emits: trade_payment_method_proposed or trade_payment_method_agreed.
    """
    trade = lock_trade(trade_id, actor_id)
    market = Market.objects.get(pk=trade.market_id)
    _check_unpaid(trade)
    if trade.payment_method is not None:
        raise MethodSettled(payment_method=trade.payment_method)
    if payment_method not in market.payment_methods:
        raise Invalid("The market doesn't know this payment method.", field="payment_method")
    check_caps(market, [payment_method], trade.amount)
    if role_of(trade, actor_id) is Actor.SELLER:
        if trade.proposed_method != payment_method:
            trade.proposed_method = payment_method
            _note(trade, "payment_method_proposed", Actor.SELLER, payment_method)
        return trade
    if trade.proposed_method != payment_method:
        raise MethodNotProposed(proposed_payment_method=trade.proposed_method)
    _agree(trade, market, payment_method)
    return trade


def _agree(trade: Trade, market: Market, method: str) -> None:
    now = clock.now()
    trade.payment_method, trade.proposed_method, trade.method_agreed_at = method, None, now
    if trade.status == Status.AWAITING_PAYMENT and trade.deadline:
        trade.deadline = max(trade.deadline, now + timedelta(seconds=payment_window(market, method)))
    _note(trade, "payment_method_agreed", Actor.BUYER, method)


@use_case
def choose_account(*, trade_id: UUID, actor_id: UUID, account_id: UUID, otp: str = "") -> Trade:
    """Have this trade paid, as its seller, to one of one's accounts for its method, as that account is now.

    Another one than the buyer may have seen draws attention: `payment_account_changed_at`, a step in the timeline
    and an event say that it changed. Like any change of where money goes, it takes the second factor of who has one.

    Locks: the seller, the trade, streams.
    Raises: OtpRequired, OtpInvalid, NotFound, NotYourStep, WrongTradeStatus, MethodOpen, Invalid.
    Emits: trade_payment_account_chosen or trade_payment_account_changed.
    """
    require_second_factor(actor_id, otp)
    trade = lock_trade(trade_id, actor_id)
    if role_of(trade, actor_id) is not Actor.SELLER:
        raise NotYourStep
    _check_unpaid(trade)
    if trade.payment_method is None:
        raise MethodOpen
    account = get_payment_account(account_id=account_id, user_id=actor_id)
    if account.method_id != trade.payment_method:
        raise Invalid("This account is of another payment method than the trade.", field="account")
    (before,) = find_payment_accounts([account_wanted(trade)])
    if before and before.pk == account.pk:
        return trade
    trade.payment_account = account
    if before:
        trade.account_changed_at = clock.now()
    _note(trade, "payment_account_changed" if before else "payment_account_chosen", Actor.SELLER)
    return trade


def _check_unpaid(trade: Trade) -> None:
    if trade.status not in _UNPAID:
        raise WrongTradeStatus(current_status=trade.status)


def _note(trade: Trade, action: str, actor: Actor, note: str = "") -> None:
    trade.version += 1
    trade.save(update_fields=_CHANGED)
    record_step(trade, action, actor, clock.now(), note)
    events.append(trade_update(trade, f"trade_{action}"))


def add_payment_details(trades: Sequence[Trade], reader_id: UUID) -> None:
    """Tell live trades where the money goes: the buyer all of it, the seller which of his accounts. One query.

    For answers that nobody stores; never for events.
    """
    live = [trade for trade in trades if trade.status in Trade.LIVE and trade.payment_method]
    for trade, account in zip(live, find_payment_accounts([account_wanted(trade) for trade in live]), strict=True):
        if account is None:
            continue
        if reader_id == trade.buyer_id:
            trade.payment_details = _shown(trade, account)
        elif reader_id == trade.seller_id:
            trade.account_shown = account.account


def account_wanted(trade: Trade) -> AccountWanted:
    """Which of the seller's accounts a trade with a payment method is paid to."""
    since = trade.method_agreed_at or trade.created_at
    return AccountWanted(trade.seller_id, trade.payment_method or "", since, trade.payment_account_id)


def _shown(trade: Trade, account: PaymentAccount) -> dict[str, Any]:
    """The account as the buyer sees it. `name_matches` false: it is not in the seller's verified name."""
    details = details_of(account)
    labels = {field["name"]: field["label"] for field in account.method.fields}
    return {
        "method": account.method_id,
        "method_name": account.method.name,
        "details": details,
        "fields": [{"name": name, "label": labels.get(name, name), "value": value} for name, value in details.items()],
        "name_matches": name_matches(details, account.user),
        "reference": trade.reference,
        "changed_at": rfc3339_or_none(trade.account_changed_at),
    }
