"""Sending what is due: claimed in one transaction, sent in none, noted in another.

A claim moves `due_at` ahead by a lease. Whoever dies between sending and noting leaves the delivery to be sent again
after the lease, under the same id. The time of the claim is also its token: a result is noted only while the delivery
is still claimed by it.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from iqx.core import clock, events
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case
from iqx.notices.models import Delivery, PushSubscription, Webhook
from iqx.notices.outcomes import Failed, Parcel, Refused, Undelivered
from iqx.notices.parcels import pack
from iqx.notices.providers import PROVIDERS
from iqx.notices.webhooks import disable

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=120)
AT_A_TIME: Final = 32
_SENDERS: Final = 8
_BATCHES_A_ROUND: Final = 10

Route, State = Delivery.Route, Delivery.State

# Seconds to wait after the first failure, the second ...; after the last it is given up.
PAUSES: Final[dict[str, tuple[int, ...]]] = {
    Route.EMAIL: (60, 300, 1800, 7200, 21_600, 43_200),
    Route.SMS: (30, 120, 600),
    Route.PUSH: (30, 120, 600, 3600),
    Route.WEBHOOK: (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery to be sent now by who holds this; `parcel` says what, or why it can't be."""

    delivery_id: UUID
    route: str
    until: datetime
    parcel: Parcel | Undelivered


def send_due(routes: Sequence[str]) -> int:
    """Send what is due by these routes; how many attempts that were."""
    attempts = 0
    for _ in range(_BATCHES_A_ROUND):
        claims = claim_due(routes)
        if not claims:
            break
        attempts += len(claims)
        for claim, outcome in _send_all(claims):
            note(claim, outcome)
    return attempts


def send_messages() -> int:
    """To people: by e-mail, SMS and push."""
    return send_due((Route.EMAIL, Route.SMS, Route.PUSH))


def send_webhooks() -> int:
    """Apart from the messages to people, since whose server is slow must hold up nobody else."""
    return send_due((Route.WEBHOOK,))


@use_case
def claim_due(routes: Sequence[str]) -> list[Claim]:
    """Claim some of what is due. Locks: the deliveries that no other worker holds."""
    now = clock.now()
    due: QuerySet[Delivery] = Delivery.objects.filter(route__in=routes, state__in=Delivery.OPEN, due_at__lte=now)
    some = list(due.order_by("due_at").values_list("pk", flat=True)[:AT_A_TIME])
    deliveries = lock(LockRank.NOTICE, due.filter(pk__in=some), skip_locked=True) if some else []
    for delivery in deliveries:
        delivery.due_at = now + LEASE
        delivery.attempts += 1
        delivery.first_tried_at = delivery.first_tried_at or now
    Delivery.objects.bulk_update(deliveries, ["due_at", "attempts", "first_tried_at"])
    return [Claim(d.id, d.route, d.due_at, parcel) for d, parcel in pack(deliveries)]


def _send_all(claims: Sequence[Claim]) -> Iterator[tuple[Claim, str | Undelivered]]:
    """Each claim with what became of it, as soon as that is known."""
    with ThreadPoolExecutor(_SENDERS) as pool:
        running = {pool.submit(_send, claim): claim for claim in claims}
        for done in as_completed(running):
            yield running[done], done.result()


def _send(claim: Claim) -> str | Undelivered:
    if isinstance(claim.parcel, Undelivered):
        return claim.parcel
    try:
        return PROVIDERS[claim.route].send(claim.parcel)
    except Undelivered as outcome:
        return outcome
    except Exception as error:
        logger.exception("A fault in sending %s", claim.delivery_id)
        return Failed(f"A fault of ours: {type(error).__name__}")


@use_case
def note(claim: Claim, outcome: str | Undelivered) -> bool:
    """Note what became of an attempt; False if the delivery is no longer claimed by it.

    Locks: the delivery, its webhook, the owner's stream. Emits: webhook_updated, if the webhook is switched off.
    """
    delivery = lock_one(LockRank.NOTICE, Delivery.objects.filter(pk=claim.delivery_id, due_at=claim.until))
    if delivery is None or delivery.state not in Delivery.OPEN:
        return False
    hook = lock_one(LockRank.NOTICE, Webhook.objects.filter(pk=delivery.webhook_id)) if delivery.webhook_id else None
    consequences = _learn(hook, claim, outcome) if hook else []
    delivery.answer = (outcome.reason if isinstance(outcome, Undelivered) else outcome)[:300]
    if isinstance(outcome, Undelivered):
        _failed(delivery, outcome, hook)
    else:
        delivery.state, delivery.sent_at = State.SENT, clock.now()
    delivery.save(update_fields=["state", "due_at", "answer", "sent_at"])
    if isinstance(outcome, Refused) and outcome.gone and delivery.subscription_id:
        PushSubscription.objects.filter(pk=delivery.subscription_id).delete()
    events.append(consequences)
    return True


def _failed(delivery: Delivery, outcome: Undelivered, hook: Webhook | None) -> None:
    """Have it tried again, with its webhook's other deliveries if it has one; or give it up."""
    pauses = PAUSES[delivery.route]
    switched_off = hook is not None and hook.status != Webhook.Status.ACTIVE
    if isinstance(outcome, Refused) or delivery.attempts > len(pauses) or switched_off:
        delivery.state = State.DEAD
        return
    delivery.state = State.FAILED
    delivery.due_at = (hook and hook.retry_at) or _next_try(pauses[delivery.attempts - 1], outcome)


def _next_try(pause_s: int, outcome: Undelivered) -> datetime:
    asked_s = outcome.retry_after_s if isinstance(outcome, Failed) else None
    return clock.now() + timedelta(seconds=max(pause_s, asked_s or 0))


def _learn(hook: Webhook, claim: Claim, outcome: str | Undelivered) -> list[events.NewEvent]:
    """What an answer says of a webhook. Attempts that failed side by side are one failure, however many they were."""
    if not isinstance(outcome, Undelivered):
        if hook.failures:
            hook.failures, hook.retry_at = 0, None
            hook.save(update_fields=["failures", "retry_at"])
        return []
    if hook.status != Webhook.Status.ACTIVE:
        return []
    if isinstance(outcome, Refused):
        return disable(hook, outcome.reason) if outcome.gone else []
    if hook.retry_at and claim.until - LEASE < hook.retry_at:
        return []
    hook.failures += 1
    pauses = PAUSES[Route.WEBHOOK]
    if hook.failures > len(pauses):
        return disable(hook, outcome.reason)
    hook.retry_at = _next_try(pauses[hook.failures - 1], outcome)
    hook.save(update_fields=["failures", "retry_at"])
    waiting = Delivery.objects.filter(webhook=hook, state__in=Delivery.OPEN, due_at__lte=clock.now())
    waiting.update(due_at=hook.retry_at)
    return []
