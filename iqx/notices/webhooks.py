"""Webhooks: made, proven by a challenge, changed, switched off."""

import base64
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from iqx.core import clock, crypto, events, jobs
from iqx.core.errors import NotFound
from iqx.core.events import NewEvent, user_stream
from iqx.core.ids import new_id
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from iqx.notices import outbound
from iqx.notices.errors import DeliveryUnderWay, TooManyWebhooks, WebhookNotActive, WebhookUrlRefused
from iqx.notices.models import Delivery, Webhook
from iqx.notices.outcomes import Parcel, Undelivered
from iqx.notices.parcels import SECRET
from iqx.notices.providers.webhook import post_signed
from iqx.notices.representations import webhook_json

MOST: Final = 20
Status = Webhook.Status


@use_case
def create_webhook(*, user: User, url: str, description: str = "", events: Sequence[str] = ()) -> tuple[Webhook, str]:
    """Make a webhook and challenge it; also its secret, which is never shown again.

    Locks: the user. Raises: WebhookUrlRefused, TooManyWebhooks.
    """
    lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user.pk))
    if Webhook.objects.filter(user=user).count() >= MOST:
        raise TooManyWebhooks(limit=MOST)
    _check(url)
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    hook = Webhook.objects.create(
        user=user,
        url=url,
        description=description,
        events=sorted(set(events)),
        secret=crypto.seal(secret, purpose=SECRET),
        created_at=clock.now(),
    )
    jobs.defer("notices.challenge_webhook", webhook_id=str(hook.pk))
    return hook, secret


@use_case
def change_webhook(
    *,
    webhook_id: UUID,
    user_id: UUID,
    url: str | None = None,
    description: str | None = None,
    events: Sequence[str] | None = None,
    active: bool | None = None,
) -> Webhook:
    """Change what is given. A new address, and one that is switched on again, has to answer a challenge first.

    Locks: the webhook. Raises: NotFound, WebhookUrlRefused.
    """
    hook = _locked(Webhook.objects.filter(user_id=user_id), webhook_id)
    moved = url is not None and url != hook.url
    if url is not None:
        _check(url)
        hook.url = url
    hook.description = hook.description if description is None else description
    hook.events = hook.events if events is None else sorted(set(events))
    if active is False:
        hook.status, hook.reason = Status.PAUSED, ""
    elif moved or (active and hook.status != Status.ACTIVE):
        hook.status, hook.reason, hook.failures, hook.retry_at = Status.VERIFYING, "", 0, None
        jobs.defer("notices.challenge_webhook", webhook_id=str(hook.pk))
    hook.save()
    return hook


@use_case
def delete_webhook(*, webhook_id: UUID, user_id: UUID) -> None:
    """Delete a webhook and its log. Locks: the webhook. Raises: NotFound."""
    _locked(Webhook.objects.filter(user_id=user_id), webhook_id).delete()


@use_case
def redeliver(*, delivery_id: UUID, webhook_id: UUID | None = None, user_id: UUID | None = None) -> Delivery:
    """Send once more what was sent or given up, under the same id. Staff, who name no user, may do so by any route.

    Locks: the delivery. Raises: NotFound. DeliveryUnderWay: it is tried again anyway. WebhookNotActive.
    """
    mine = Delivery.objects.filter(pk=delivery_id)
    if user_id and webhook_id:
        mine = mine.filter(user_id=user_id, webhook_id=webhook_id)
    delivery = lock_one(LockRank.NOTICE, mine)
    if delivery is None:
        raise NotFound
    if delivery.state in Delivery.OPEN:
        raise DeliveryUnderWay
    hook = Webhook.objects.filter(pk=delivery.webhook_id).first() if delivery.webhook_id else None
    if hook and hook.status != Status.ACTIVE:
        raise WebhookNotActive(current_status=hook.status)
    delivery.state, delivery.attempts, delivery.sent_at = Delivery.State.PENDING, 0, None
    delivery.due_at, delivery.first_tried_at, delivery.answer = clock.now(), None, ""
    delivery.save()
    return delivery


def challenge(webhook_id: UUID) -> bool:
    """Ask an address whether it wants our posts, by having it echo a token; in no transaction. Whether it does."""
    hook = Webhook.objects.filter(pk=webhook_id, status=Status.VERIFYING).first()
    if hook is None:
        return False
    token = secrets.token_urlsafe(24)
    asked = {"type": "webhook.challenge", "timestamp": clock.rfc3339(clock.now()), "data": {"challenge": token}}
    secret = crypto.unseal(hook.secret, purpose=SECRET)
    parcel = Parcel(id=new_id(), to=hook.url, content=json.dumps(asked).encode(), secret=secret)
    try:
        answer = post_signed(parcel)
        fault = (
            "" if answer.is_good and _echoes(answer.body, token) else f"HTTP {answer.status}, without the challenge."
        )
    except Undelivered as error:
        fault = error.reason
    return conclude_challenge(webhook_id=webhook_id, url=hook.url, fault=fault)


def _echoes(body: bytes, token: str) -> bool:
    try:
        echoed = json.loads(body).get("challenge", "")
    except (ValueError, AttributeError):
        return False
    return isinstance(echoed, str) and hmac.compare_digest(echoed.encode(), token.encode())


@use_case
def conclude_challenge(*, webhook_id: UUID, url: str, fault: str) -> bool:
    """Switch a webhook on or off, after its challenge; nothing, if it is another address by now.

    Locks: the webhook, its owner's stream. Emits: webhook_updated.
    """
    hook = lock_one(LockRank.NOTICE, Webhook.objects.filter(pk=webhook_id, url=url, status=Status.VERIFYING))
    if hook is None:
        return False
    if fault:
        events.append(disable(hook, fault, told=False))
        return False
    hook.status = Status.ACTIVE
    hook.save(update_fields=["status"])
    events.append([_updated(hook)])
    return True


def disable(hook: Webhook, reason: str, *, told: bool = True) -> list[NewEvent]:
    """Switch a locked webhook off; what was still to be sent to it is given up. The events that say so.

    `told`: its owner gets a notice, since he is not at his desk waiting for the challenge.
    """
    hook.status, hook.reason = Status.DISABLED, reason[:200]
    hook.save(update_fields=["status", "reason", "failures"])
    open_ones = Delivery.objects.filter(webhook=hook, state__in=Delivery.OPEN)
    open_ones.update(state=Delivery.State.DEAD, answer="The webhook was switched off.")
    return [_updated(hook) if not told else _updated(hook, failed=True)]


def _updated(hook: Webhook, **more: Any) -> NewEvent:  # noqa: ANN401 JSON
    return NewEvent(user_stream(hook.user_id), "webhook_updated", webhook_json(hook) | more)


def _check(url: str) -> None:
    try:
        outbound.check_url(url)
    except Undelivered as refusal:
        raise WebhookUrlRefused(refusal.reason) from refusal


def _locked(hooks: QuerySet[Webhook], webhook_id: UUID) -> Webhook:
    hook = lock_one(LockRank.NOTICE, hooks.filter(pk=webhook_id))
    if hook is None:
        raise NotFound
    return hook
