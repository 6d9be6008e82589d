"""From events to notices: each event of a user's stream is dealt with exactly once.

The event log is the source. A `Position` says how far a stream has been dealt with; it moves in the transaction that
writes the notices, so that a crash repeats everything or nothing. The transactions that write events do nothing for it.

`Dispatcher` finds the streams with news by looking at the newest events. That is a hint: an event may commit after
others with higher ids have been seen. So each look goes back over the one before, and every so often all streams are
compared with their positions. What a stream owes is always decided by its gapless `seq`.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Max

from iqx.core import clock
from iqx.core.events import user_stream
from iqx.core.locking import LockRank, lock
from iqx.core.models import Event, Stream
from iqx.core.transactions import use_case
from iqx.notices import catalogue
from iqx.notices.catalogue import Channel
from iqx.notices.models import Delivery, Notice, Position, Preferences, Webhook
from iqx.notices.news import USER, News, user_of
from iqx.notices.recipients import recipients

logger = logging.getLogger(__name__)

_SWEEP_EVERY: Final = timedelta(seconds=30)
_STREAMS_AT_A_TIME: Final = 100
_EVENTS_AT_A_TIME: Final = 200  # of one stream
_BATCHES_A_ROUND: Final = 20


class Dispatcher:
    """Finds streams with news and deals with them; any number of workers may have one each."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._seen = self._seen_before = 0
        self._swept_at: datetime | None = None

    def round(self) -> int:
        """Look for news, and deal with it; how many events became notices. The rest waits for the next round."""
        self._look()
        told = 0
        for _ in range(_BATCHES_A_ROUND):
            batch = list(self._waiting)[:_STREAMS_AT_A_TIME]
            if not batch:
                break
            done, count = deal_with(batch)
            told += count
            for stream in batch:
                del self._waiting[stream]
            unfinished = [stream for stream in batch if stream not in done]
            self._waiting.update(dict.fromkeys(unfinished))
            if len(unfinished) == len(batch):
                break
        return told

    def _look(self) -> None:
        now = clock.now()
        if self._swept_at is None or now - self._swept_at >= _SWEEP_EVERY:
            self._seen_before = self._seen = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
            self._waiting.update(dict.fromkeys(_streams_behind()))
            self._swept_at = now
            return
        newest = dict(
            Event.objects.filter(id__gt=self._seen_before).values_list("stream_id").annotate(Max("id")).order_by()
        )
        self._seen_before, self._seen = self._seen, max([self._seen, *newest.values()])
        self._waiting.update(dict.fromkeys(stream for stream in newest if stream.startswith(USER)))


_BEHIND = """
SELECT s.name FROM core_stream s LEFT JOIN notices_position p ON p.stream_id = s.name
WHERE s.name LIKE 'user:%%' AND s.head > coalesce(p.seq, 0)
LIMIT 10000
"""

_NEWS = """
SELECT e.stream_id, e.seq, e.type, e.data, e.at
FROM unnest(%(streams)s::text[], %(after)s::bigint[], %(upto)s::bigint[]) AS p(stream, after, upto)
JOIN core_event e ON e.stream_id = p.stream AND e.seq > p.after AND e.seq <= p.upto
WHERE e.type = ANY(%(told)s) OR p.stream = ANY(%(hooked)s)
ORDER BY e.stream_id, e.seq
"""


def _streams_behind() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [])
        return [name for (name,) in cursor.fetchall()]


@use_case
def deal_with(streams: Sequence[str]) -> tuple[set[str], int]:
    """Turn what is new in these streams into notices: a fixed number of statements, however much there is.

    Returns the streams that have no more news, and how many notices there were. Streams that another worker deals
    with are left to it. Locks: the positions.
    """
    Position.objects.bulk_create([Position(stream_id=stream) for stream in sorted(streams)], ignore_conflicts=True)
    positions = lock(LockRank.NOTICE, Position.objects.filter(pk__in=streams), skip_locked=True)
    heads = dict(Stream.objects.filter(pk__in=[p.stream_id for p in positions]).values_list("name", "head"))
    after = {p.stream_id: p.seq for p in positions if heads[p.stream_id] > p.seq}
    upto = {stream: min(heads[stream], seq + _EVENTS_AT_A_TIME) for stream, seq in after.items()}
    told = 0
    if after:
        hooks = _hooks_of(after)
        told = _tell(_news(after, upto, hooks), hooks)
    moved = [p for p in positions if p.stream_id in upto]
    for position in moved:
        position.seq = upto[position.stream_id]
    Position.objects.bulk_update(moved, ["seq"])
    return {p.stream_id for p in positions if p.seq >= heads[p.stream_id]}, told


def _hooks_of(streams: Iterable[str]) -> dict[UUID, list[Webhook]]:
    hooks: dict[UUID, list[Webhook]] = defaultdict(list)
    users = [user_of(stream) for stream in streams]
    for hook in Webhook.objects.filter(user_id__in=users, status=Webhook.Status.ACTIVE):
        hooks[hook.user_id].append(hook)
    return hooks


def _news(after: dict[str, int], upto: dict[str, int], hooked: Iterable[UUID]) -> list[News]:
    parameters: dict[str, list[Any]] = {
        "streams": list(after),
        "after": list(after.values()),
        "upto": list(upto.values()),
        "told": list(catalogue.EVENTS),
        "hooked": [user_stream(user_id) for user_id in hooked],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, parameters)
        return [News(stream, seq, type_, data, at) for stream, seq, type_, data, at in cursor.fetchall()]


def _tell(news: Sequence[News], hooks: dict[UUID, list[Webhook]]) -> int:
    """Write the notices of these events, and what has to be sent; how many notices there were."""
    users = {event.user_id for event in news}
    preferences = Preferences.objects.in_bulk(users)
    told = [(event, _notice_of(event, preferences.get(event.user_id))) for event in news]
    addressed = recipients(users, preferences)
    deliveries = [
        delivery
        for event, notice in told
        for delivery in (
            *(addressed.deliveries(event, notice) if notice else ()),
            *_to_webhooks(event, hooks.get(event.user_id, ())),
        )
    ]
    notices = [notice for _, notice in told if notice]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(notices)


def _to_webhooks(event: News, hooks: Iterable[Webhook]) -> Iterator[Delivery]:
    for hook in hooks:
        if event.at >= hook.created_at and (not hook.events or event.type in hook.events):
            due_at = max(clock.now(), hook.retry_at or clock.now())
            yield event.delivery(Delivery.Route.WEBHOOK, due_at, webhook_id=hook.pk)


def _notice_of(event: News, preferences: Preferences | None) -> Notice | None:
    """What an event tells its user. One that makes no sense is logged and passed over: it must hold up no other."""
    try:
        kind = catalogue.kind_of(event.type, event.data)
        facts = kind.facts(event.data) if kind else {}
    except Exception:
        logger.exception("No notice could be made of %s#%s", event.stream, event.seq)
        return None
    if kind is None:
        return None
    choices = preferences.choices if preferences else {}
    return Notice(
        id=event.id,
        user_id=event.user_id,
        seq=event.seq,
        kind=kind.code,
        facts=facts,
        in_app=catalogue.is_on(kind, Channel.IN_APP, choices),
        created_at=event.at,
    )
