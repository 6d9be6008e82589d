"""The book's engine: changes of orders in a book whose lock is held, collected first and written at once."""

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from iqx.core import bulk, clock
from iqx.core.events import NewEvent
from iqx.core.hot import fetch
from iqx.core.locking import LockRank, enter
from iqx.core.money import ZERO, fee_of
from orders import turnover
from orders.events import order_event, order_left_the_book
from orders.matching import CloseReason, Side
from orders.models import Market, Order
from wallets import ledger
from wallets.events import wallet_updated
from wallets.models import TransferKind

if TYPE_CHECKING:
    from orders.acceptance import Acceptance

_COLUMNS = (
    "id", "price", "amount", "filled", "min_fill", "reserved", "status", "close_reason", "announced", "priority",
    "version", "updated_at",
)  # fmt: skip


_LOCK_BOOKS = """
SELECT m.* FROM orders_book b JOIN orders_market m ON m.symbol = b.market_id
WHERE b.market_id = ANY(%s) ORDER BY b.market_id FOR NO KEY UPDATE OF b
"""


def lock_books(symbols: Sequence[str]) -> list[Market]:
    """Hold the markets' books until the transaction ends: nobody else matches, cancels or amends there."""
    enter(LockRank.MARKET)
    return fetch(Market, _LOCK_BOOKS, [list(symbols)])


def reservation(order: Order, amount: Decimal) -> Decimal:
    """What a sale of `amount` holds: the amount and the higher of the two fees that may fall due."""
    if order.side == Side.BUY:
        return ZERO
    return amount + fee_of(amount, max(order.maker_fee, order.taker_fee))


class BookChanges:
    """What one use case does to the orders of locked books.

    Funds that an order gives back are posted with it; the events come in the order in which they were told.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or clock.now()
        self.events: list[NewEvent] = []
        self._orders: dict[UUID, Order] = {}
        self._transfers: list[ledger.NewTransfer] = []
        self._given_up: defaultdict[tuple[UUID, date], Decimal] = defaultdict(Decimal)

    def touch(self, order: Order) -> None:
        """Note that `order` was changed; its version grows once however often that is said."""
        if order.id not in self._orders:
            order.version += 1
            order.updated_at = self.now
            self._orders[order.id] = order

    def release(self, order: Order, to_keep: Decimal, kind: TransferKind) -> None:
        """Give back what `order` holds beyond `to_keep`, or take what it lacks."""
        back = order.reserved - to_keep
        if back:
            self._transfers.append(
                ledger.NewTransfer(kind, "order", order.id, (ledger.Leg(order.owner_id, back, -back),))
            )
            order.reserved = to_keep

    def give_up(self, order: Order, unfilled: Decimal) -> None:
        """Count `unfilled` USDT of `order` no more towards the daily limit of the day on which it was placed."""
        self._given_up[order.owner_id, order.created_at.date()] += unfilled

    def close(self, order: Order, status: str, reason: CloseReason | None = None) -> None:
        """End `order`: it holds nothing any more, and whoever knew it is told."""
        was_open = order.status == Order.Status.OPEN
        self.touch(order)
        order.status = status
        order.close_reason = reason or ""
        self.release(order, ZERO, TransferKind.ORDER_RETURN)
        self.give_up(order, order.amount - order.filled)
        if status != Order.Status.FILLED:
            self.events += order_left_the_book(order, f"order_{status}", was_open=was_open)

    def requeue(self, order: Order) -> None:
        """Take `order` out of the book; the next matching run takes it up again, where its priority says."""
        was_open = order.status == Order.Status.OPEN
        self.touch(order)
        order.status = Order.Status.PENDING
        if was_open:
            self.events += order_event(order, "order_updated", level=(-(order.amount - order.filled), -1))

    def unfilled_of(self, owner_id: UUID) -> Decimal:
        """What an owner gave up of orders that he placed in this very transaction; `write` counts it no more."""
        return sum((self._given_up.pop(key) for key in list(self._given_up) if key[0] == owner_id), ZERO)

    def wallets(self) -> set[UUID]:
        """Whose funds the changes move."""
        return {leg.wallet for transfer in self._transfers for leg in transfer.legs}

    def keep_locked(self, owners: Set[UUID]) -> dict[UUID, Decimal]:
        """Give nothing back to `owners` after all; how much that is, by order. The caller finds it another holder."""
        kept = {t.ref_id: leg.available for t in self._transfers for leg in t.legs if leg.wallet in owners}
        self._transfers = [transfer for transfer in self._transfers if transfer.ref_id not in kept]
        return kept

    def write(self, accepted: "Acceptance | None" = None) -> None:
        """Write the orders and their transfers, and tell the owners of their new balances.

        Orders that were `accepted` in this transaction are new rows, whose owner's wallet is locked already.

        Locks: turnovers, wallets. Raises: InsufficientFunds, if an order was to hold more.
        """
        turnover.give_up(self._given_up)
        transfers = self._transfers
        if accepted:
            accepted.insert()
            transfers = accepted.reservations + transfers
            for order in accepted.fresh:
                self._orders.pop(order.id, None)
        bulk.update(Order, [_row(order) for order in self._orders.values()])
        if transfers:
            balances = accepted.balances if accepted else ledger.lock_wallets(self.wallets())
            ledger.post(balances, transfers)
            moved = {leg.wallet for transfer in transfers for leg in transfer.legs}
            news = [wallet_updated(balance) for user_id, balance in balances.items() if user_id in moved]
            self.events = news + self.events if accepted else self.events + news


def _row(order: Order) -> dict[str, Any]:
    return {column: getattr(order, column) for column in _COLUMNS}
