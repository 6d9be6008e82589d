"""The one form of each object."""

from typing import Any

from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.notices.catalogue import BY_CODE, Channel, is_on, kinds_for
from iqx.notices.models import Delivery, Notice, Preferences, PushSubscription, Webhook
from iqx.notices.texts import text_of


def notice_json(notice: Notice, preferences: Preferences) -> dict[str, Any]:
    """A notice as its user reads it, in his language."""
    kind = BY_CODE[notice.kind]
    text = text_of(notice.kind, notice.facts, language=preferences.language, zone=preferences.zone)
    about = {"kind": kind.about[0], "id": notice.facts[kind.about[1]]} if kind.about else None
    return {
        "id": str(notice.id),
        "seq": notice.seq,
        "kind": notice.kind,
        "group": kind.group.value,
        "urgent": kind.urgent,
        "title": text.title,
        "body": text.body,
        "about": about,
        "created_at": rfc3339(notice.created_at),
        "read_at": rfc3339_or_none(notice.read_at),
    }


def preferences_json(preferences: Preferences, phone: tuple[str, bool] | None, *, staff: bool) -> dict[str, Any]:
    """`phone` is a number, and whether it is proven."""
    kinds = kinds_for(staff=staff)
    quiet = None
    if preferences.quiet_from and preferences.quiet_until:
        quiet = {"from": f"{preferences.quiet_from:%H:%M}", "until": f"{preferences.quiet_until:%H:%M}"}
    return {
        "language": preferences.language,
        "time_zone": preferences.time_zone,
        "quiet_hours": quiet,
        "phone": {"number": phone[0], "verified": phone[1]} if phone else None,
        "notices": {
            kind.code: {channel.value: is_on(kind, channel, preferences.choices) for channel in Channel}
            for kind in kinds
        },
        "catalogue": [
            {
                "kind": kind.code,
                "group": kind.group.value,
                "urgent": kind.urgent,
                "locked": [channel.value for channel in Channel if channel in kind.locked],
            }
            for kind in kinds
        ],
    }


def webhook_json(hook: Webhook) -> dict[str, Any]:
    """A webhook without its secret."""
    return {
        "id": str(hook.id),
        "url": hook.url,
        "description": hook.description,
        "events": hook.events,
        "status": hook.status,
        "reason": hook.reason or None,
        "failures": hook.failures,
        "created_at": rfc3339(hook.created_at),
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A line of a webhook's log; `id` is the header `webhook-id`."""
    return {
        "id": str(delivery.id),
        "event": delivery.event,
        "seq": delivery.seq,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "answer": delivery.answer or None,
        "next_attempt_at": rfc3339(delivery.due_at) if delivery.state in Delivery.OPEN else None,
        "created_at": rfc3339(delivery.created_at),
        "sent_at": rfc3339_or_none(delivery.sent_at),
    }


def subscription_json(subscription: PushSubscription) -> dict[str, Any]:
    """A device, without its address."""
    return {
        "id": str(subscription.id),
        "type": subscription.type,
        "created_at": rfc3339(subscription.created_at),
    }
