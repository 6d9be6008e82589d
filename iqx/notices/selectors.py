"""Reads."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Min, QuerySet

from iqx.core import clock
from iqx.core.errors import NotFound
from iqx.notices.models import Delivery, Notice, Preferences, PushSubscription, Webhook


def preferences_of(user_id: UUID) -> Preferences:
    """The user's own, or the defaults."""
    return Preferences.objects.filter(pk=user_id).first() or Preferences(user_id=user_id)


def notices_of(user_id: UUID, *, unread: bool | None = None) -> QuerySet[Notice]:
    """What the user finds in the app; the newest has the highest `seq`."""
    notices = Notice.objects.filter(user_id=user_id, in_app=True)
    return notices if unread is None else notices.filter(read_at__isnull=unread)


def unread_count(user_id: UUID) -> int:
    return notices_of(user_id, unread=True).count()


def webhooks_of(user_id: UUID) -> QuerySet[Webhook]:
    return Webhook.objects.filter(user_id=user_id)


def get_webhook(*, webhook_id: UUID, user_id: UUID) -> Webhook:
    """Raises: NotFound."""
    hook = webhooks_of(user_id).filter(pk=webhook_id).first()
    if hook is None:
        raise NotFound
    return hook


def deliveries_of(hook: Webhook) -> QuerySet[Delivery]:
    return Delivery.objects.filter(webhook=hook)


def oldest_undelivered() -> timedelta:
    """For how long the delivery that is most overdue has been waiting to be tried: the health of sending."""
    oldest = Delivery.objects.filter(state__in=Delivery.OPEN).aggregate(due=Min("due_at"))["due"]
    return max(clock.now() - oldest, timedelta(0)) if oldest else timedelta(0)


def subscriptions_of(user_id: UUID) -> QuerySet[PushSubscription]:
    return PushSubscription.objects.filter(user_id=user_id)
