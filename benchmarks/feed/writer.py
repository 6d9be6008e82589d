"""Who makes the events: transactions that append to a market's stream, and remember when they were committed."""

import time
from itertools import count
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from benchmarks.feed.plain import group_of
from iqx.core import clock
from iqx.core.events import NewEvent, append, event_json, head_of, market_stream
from iqx.core.transactions import unit_of_work

_TYPE = "order_created"


def example(number: int) -> dict[str, Any]:
    """What a market is told of a new order: 400 bytes."""
    return {
        "id": f"01a2065d-b146-72b9-8102-{number:012x}",
        "market": "USDT-EUR",
        "side": "sell",
        "price": "0.9242",
        "amount": "125.000000",
        "remaining": "125.000000",
        "min_fill": "10.000000",
        "payment_methods": ["sepa_instant", "sepa", "revolut"],
        "time_in_force": "GTC",
        "post_only": False,
        "expires_at": None,
        "terms": "",
        "status": "open",
        "version": 1,
        "created_at": "2026-11-22T10:00:00.123456Z",
        "updated_at": "2026-11-22T10:00:00.123456Z",
    }


class Writer:
    """One market's events. `committed` has the time of each commit by seq (`time.monotonic`)."""

    def __init__(self, market: str) -> None:
        self.committed: dict[int, float] = {}
        self.head = head_of(market_stream(market))
        self._stream = market_stream(market)

    def write(self, events: int = 1) -> None:
        """One transaction."""
        with unit_of_work():
            transaction.on_commit(lambda: self._note(events))  # the first that happens after the commit
            append(NewEvent(self._stream, _TYPE, example(self.head + i)) for i in range(1, events + 1))

    def at_rate(self, per_s: float, seconds: float) -> None:
        """One event per transaction, at fixed times, so that a late one does not slow the rest."""
        begin = time.monotonic()
        for number in count():
            due = number / per_s
            if due >= seconds:
                return
            time.sleep(max(0.0, begin + due - time.monotonic()))
            self.write()

    def _note(self, events: int) -> None:
        now = time.monotonic()
        self.committed |= {self.head + i: now for i in range(1, events + 1)}
        self.head += events


def send_to_group(market: str, events: int) -> None:
    """The same events as messages to a group of Channels, as fast as they go; nothing is written down."""

    async def send() -> None:
        layer = get_channel_layer()
        for seq in range(1, events + 1):
            event = event_json(seq=seq, type=_TYPE, at=clock.now(), data=example(seq))
            await layer.group_send(
                group_of(market), {"type": "market.event", "event": {"channel": "market_updates", **event}}
            )

    async_to_sync(send)()
