"""Afterwards: what people were told, and what their sockets saw, held against the database."""

from dataclasses import dataclass

from deploy.rehearsal.load import Trader
from deploy.rehearsal.sockets import Watcher
from iqx.core.models import Event, Stream
from orders.models import Order
from trades.models import Trade, Transaction
from wallets.audit import audit


@dataclass(frozen=True, slots=True)
class Finding:
    claim: str
    found: int
    expected: int

    @property
    def holds(self) -> bool:
        return self.found == self.expected


def collect(traders: list[Trader], watchers: list[Watcher]) -> list[Finding]:
    return [*_acknowledged(traders), *_heard(watchers), *_books()]


def _acknowledged(traders: list[Trader]) -> list[Finding]:
    told = {id_ for trader in traders for id_ in trader.journal.orders.values()}
    cancelled = {id_ for trader in traders for id_ in trader.journal.cancelled}
    trades = {id_ for trader in traders for id_ in trader.journal.trades}
    released = {id_ for trader in traders for id_ in trader.journal.released}
    placed = {
        (str(order.owner_id), order.client_order_id, str(order.pk))
        for order in Order.objects.only("owner_id", "client_order_id")
    }
    journals = {(trader.person.user_id, own, id_) for trader in traders for own, id_ in trader.journal.orders.items()}
    return [
        Finding("orders acknowledged and there", Order.objects.filter(pk__in=told).count(), len(told)),
        Finding("orders there that nobody was told of", len(placed - journals), 0),
        Finding("cancellations acknowledged and done", _done(Order, cancelled, "cancelled"), len(cancelled)),
        Finding("trades told of and there", Trade.objects.filter(pk__in=trades).count(), len(trades)),
        Finding(
            "releases acknowledged, each with one receipt",
            Transaction.objects.filter(trade_id__in=released).count(),
            len(released),
        ),
        Finding("refusals that should not have been", sum(sum(t.journal.refused.values()) for t in traders), 0),
    ]


def _done(model: type[Order], ids: set[str], status: str) -> int:
    return model.objects.filter(pk__in=ids, status=status).count()


def _heard(watchers: list[Watcher]) -> list[Finding]:
    heads = {stream.name: stream.head for stream in Stream.objects.all()}
    expected = {watcher.stream: list(range(1, heads.get(watcher.stream, 0) + 1)) for watcher in watchers}
    lost = sum(len(set(expected[watcher.stream]) - set(watcher.seen)) for watcher in watchers)
    return [
        Finding(
            "events delivered to sockets",
            sum(len(watcher.seen) for watcher in watchers),
            sum(len(expected[watcher.stream]) for watcher in watchers),
        ),
        Finding("events lost", lost, 0),
        Finding("events twice", sum(len(w.seen) - len(set(w.seen)) for w in watchers), 0),
        Finding("sockets with every seq once and in order", _orderly(watchers, expected), len(watchers)),
        Finding("streams in the database with a gap", _torn(heads), 0),
    ]


def _orderly(watchers: list[Watcher], expected: dict[str, list[int]]) -> int:
    return sum(watcher.seen == expected[watcher.stream] for watcher in watchers)


def _torn(heads: dict[str, int]) -> int:
    return sum(Event.objects.filter(stream_id=name).count() != head for name, head in heads.items())


def _books() -> list[Finding]:
    return [
        Finding("orders accepted but never matched", Order.objects.filter(status="pending").count(), 0),
        Finding("findings of the ledger's audit", len(audit()), 0),
    ]


def is_settled(watchers: list[Watcher]) -> bool:
    """Whether nothing waits any more: every order matched, every event heard."""
    heads = {stream.name: stream.head for stream in Stream.objects.all()}
    pending = Order.objects.filter(status="pending").exists()
    return not pending and all(watcher.last == heads.get(watcher.stream, 0) for watcher in watchers)
