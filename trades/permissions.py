"""What a party may do in a trade now, and why not: the checks of the use cases, without locks."""

from typing import Any
from uuid import UUID

from iqx.core.permissions import verdict
from trades.chat import check_may_write
from trades.escrow import Action, transition_for
from trades.feedback import check_may_rate
from trades.models import Trade
from trades.services import check_cancel_request, check_may_ask_to_cancel, role_of


def in_trade(trade: Trade, user_id: UUID) -> dict[str, Any]:
    """By the names that the addresses have; disputes are told of by the app above."""
    role = role_of(trade, user_id)
    return {
        "paid": verdict(lambda: transition_for(trade, Action.MARK_PAID, role)),
        "release": verdict(lambda: transition_for(trade, Action.RELEASE, role)),
        "cancel": verdict(lambda: transition_for(trade, Action.CANCEL, role)),
        "cancel-request": verdict(lambda: check_may_ask_to_cancel(trade, role)),
        "cancel-request/accept": verdict(
            lambda: check_cancel_request(trade, user_id), lambda: transition_for(trade, Action.ACCEPT_CANCEL, role)
        ),
        "cancel-request/reject": verdict(lambda: check_cancel_request(trade, user_id)),
        "messages": verdict(lambda: check_may_write(trade, user_id)),
        "feedback": verdict(lambda: check_may_rate(trade, user_id)),
    }
