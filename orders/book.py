"""The book's engine: changes of orders in a book whose lock is held, collected first and written at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from iqx.core import bulk, clock
from iqx.core.errors import NotFound
from iqx.core.events import NewEvent
from iqx.core.hot import BY_INDEX, columns, fetch, rows
from iqx.core.locking import LockRank, enter
from iqx.core.money import ZERO, fee_of
from orders import turnover
from orders.errors import OrderNotLive
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


_LOCK_BOOKS = f"""
SELECT {columns(Market, "m")} FROM orders_book b JOIN orders_market m ON m.symbol = b.market_id
WHERE b.market_id = ANY(%s) AND {BY_INDEX} ORDER BY b.market_id FOR NO KEY UPDATE OF b
"""  # noqa: S608 names alone


_PRIORITIES = "SELECT nextval('orders_priority') FROM generate_series(1, %s)"


def lock_books(symbols: Sequence[str]) -> list[Market]:
    """Hold the markets' books until the transaction ends: nobody else matches, cancels or amends there."""
    enter(LockRank.MARKET)
    return fetch(Market, _LOCK_BOOKS, [list(symbols)])


def lock_order(order_id: UUID, owner_id: UUID | None) -> Order:
    """The live order with its book locked. Raises NotFound, OrderNotLive."""
    named = Order.objects.filter(pk=order_id)
    if owner_id is not None:
        named = named.filter(owner_id=owner_id)
    symbol = named.values_list("market_id", flat=True).first()
    if symbol is None:
        raise NotFound
    lock_books([symbol])
    order = named.get()
    require_live(order)
    return order


def require_live(order: Order) -> None:
    """Raises: OrderNotLive."""
    if order.status not in Order.LIVE:
        raise OrderNotLive(current_status=order.status)


def next_priorities(count: int) -> list[int]:
    """So many places at the end of the queue, in order."""
    return [priority for (priority,) in rows(_PRIORITIES, [count])]


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
        self._paused: dict[UUID, Order] = {}
        self._columns: tuple[str, ...] = _COLUMNS

    @property
    def count(self) -> int:
        """How many orders were changed."""
        return len(self._orders)

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
        self._note_pauses(order, ())
        self.release(order, ZERO, TransferKind.ORDER_RETURN)
        self.give_up(order, order.amount - order.filled)
        if status != Order.Status.FILLED:
            self.events += order_left_the_book(order, f"order_{status}", was_open=was_open)

    def requeue(self, order: Order) -> None:
        """Take `order` out of the book; the next matching run takes it up again, where its priority says.

        One that is paused stays so; its owner is told by `write`.
        """
        was_open = order.status == Order.Status.OPEN
        self.touch(order)
        if order.status == Order.Status.PAUSED:
            self._paused[order.id] = order
            return
        order.status = Order.Status.PENDING
        if was_open:
            self.events += order_event(order, "order_updated", level=(-(order.amount - order.filled), -1))

    def pause(self, order: Order, reason: Order.Pause) -> None:
        """Take `order` out of the book for one more reason; it keeps what it holds."""
        was_open = order.status == Order.Status.OPEN
        self.touch(order)
        order.status = Order.Status.PAUSED
        self._note_pauses(order, {*(order.paused_for or ()), reason})
        level = (-(order.amount - order.filled), -1) if was_open else None
        self.events += order_event(order, "order_updated", level=level, public=was_open)

    def resume(self, order: Order, reason: Order.Pause) -> None:
        """Take a reason to pause `order` away. With the last of them it is matched again, from the queue's end."""
        self.touch(order)
        self._note_pauses(order, {*(order.paused_for or ())} - {reason})
        if order.paused_for:
            self.events += order_event(order, "order_updated", public=False)
        else:
            order.status = Order.Status.PENDING

    def _note_pauses(self, order: Order, reasons: Collection[str]) -> None:
        if order.paused_for or reasons:
            order.paused_for = sorted(reasons) or None
            self._columns = (*_COLUMNS, "paused_for")

    def take_unfilled(self, owners: Set[UUID]) -> dict[UUID, Decimal]:
        """What owners gave up of orders that they placed in this very transaction; `write` counts it no more."""
        taken: defaultdict[UUID, Decimal] = defaultdict(Decimal)
        for key in [key for key in self._given_up if key[0] in owners]:
            taken[key[0]] += self._given_up.pop(key)
        return taken

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
        for order in self._paused.values():
            self.events += order_event(order, "order_updated", public=False)
        transfers = self._transfers
        if accepted:
            accepted.insert()
            transfers = accepted.reservations + transfers
            for order in accepted.fresh:
                self._orders.pop(order.id, None)
        bulk.update(Order, [{name: getattr(order, name) for name in self._columns} for order in self._orders.values()])
        if transfers:
            balances = accepted.balances if accepted else ledger.lock_wallets(self.wallets())
            ledger.post(balances, transfers)
            moved = {leg.wallet for transfer in transfers for leg in transfer.legs}
            news = [wallet_updated(balance) for user_id, balance in balances.items() if user_id in moved]
            self.events = news + self.events if accepted else self.events + news
