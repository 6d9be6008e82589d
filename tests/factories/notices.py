"""Webhooks for tests, as if they had answered their challenge."""

from accounts.models import User
from iqx.core import events
from iqx.core.events import NewEvent, user_stream
from iqx.core.transactions import use_case
from iqx.notices.dispatch import Dispatcher
from iqx.notices.models import Delivery, Webhook
from iqx.notices.webhooks import conclude_challenge, create_webhook

URL = "https://hooks.example/iqx"


def make_webhook(user: User) -> Webhook:
    """An active webhook, to which one event was posted already."""
    hook, _ = create_webhook(user=user, url=URL)
    conclude_challenge(webhook_id=hook.pk, url=URL, fault="")
    _wave_at(user)
    Dispatcher().round()
    hook.deliveries.update(state=Delivery.State.SENT, sent_at=hook.created_at)
    hook.refresh_from_db()
    return hook


@use_case
def _wave_at(user: User) -> None:
    events.append([NewEvent(user_stream(user.pk), "wallet_updated", {})])
