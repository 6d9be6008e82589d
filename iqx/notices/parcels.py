"""What a delivery consists of, read from the database: a fixed number of statements for any number of deliveries."""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from iqx.core import crypto
from iqx.core.events import event_json, user_stream
from iqx.core.models import Event
from iqx.notices.catalogue import BY_CODE
from iqx.notices.links import page_about
from iqx.notices.models import Delivery, Notice, Phone, Preferences, PushSubscription, Webhook
from iqx.notices.outcomes import Parcel, Refused, Undelivered
from iqx.notices.texts import Text, text_of

PHONE, PUSH, SECRET = "notices.phone", "notices.push", "notices.webhook"  # what the sealed values are for
Key = tuple[UUID, int]


def pack(deliveries: Sequence[Delivery]) -> Iterator[tuple[Delivery, Parcel | Undelivered]]:
    """Each delivery with its parcel, or the reason why it can't be sent."""
    if not deliveries:
        return
    users = {delivery.user_id for delivery in deliveries}
    packer = _Packer(
        users=User.objects.in_bulk(users),
        preferences=Preferences.objects.in_bulk(users),
        phones=Phone.objects.in_bulk(users),
        notices=Notice.objects.in_bulk({d.notice_id for d in deliveries if d.notice_id}),
        hooks=Webhook.objects.in_bulk({d.webhook_id for d in deliveries if d.webhook_id}),
        subscriptions=PushSubscription.objects.in_bulk({d.subscription_id for d in deliveries if d.subscription_id}),
        events=_events(d for d in deliveries if d.webhook_id),
    )
    for delivery in deliveries:
        try:
            yield delivery, packer.pack(delivery)
        except Undelivered as reason:
            yield delivery, reason


def _events(deliveries: Iterator[Delivery]) -> dict[Key, Event]:
    named = Q(pk__in=[])
    for delivery in deliveries:
        named |= Q(stream_id=user_stream(delivery.user_id), seq=delivery.seq)
    return {(UUID(event.stream_id.partition(":")[2]), event.seq): event for event in Event.objects.filter(named)}


class _Packer:
    def __init__(
        self,
        *,
        users: dict[UUID, User],
        preferences: dict[UUID, Preferences],
        phones: dict[UUID, Phone],
        notices: dict[UUID, Notice],
        hooks: dict[UUID, Webhook],
        subscriptions: dict[UUID, PushSubscription],
        events: dict[Key, Event],
    ) -> None:
        self.users, self.preferences, self.phones, self.notices = users, preferences, phones, notices
        self.hooks, self.subscriptions, self.events = hooks, subscriptions, events

    def pack(self, delivery: Delivery) -> Parcel:
        """Raises: Refused."""
        if delivery.webhook_id:
            return self._for_webhook(delivery, self.hooks[delivery.webhook_id])
        assert delivery.notice_id  # noqa: S101 a constraint says so
        notice = self.notices[delivery.notice_id]
        kind = BY_CODE[notice.kind]
        return Parcel(
            id=delivery.id,
            to=self._address(delivery),
            text=self._text(notice),
            urgent=kind.urgent,
            is_repeat=delivery.attempts > 1,
            link=page_about(notice.kind, notice.facts),
            word=self.users[delivery.user_id].mail_word,
        )

    def _address(self, delivery: Delivery) -> object:
        if delivery.route == Delivery.Route.EMAIL:
            return self.users[delivery.user_id].email
        if delivery.subscription_id:
            subscription = self.subscriptions[delivery.subscription_id]
            return {"type": subscription.type, **crypto.unseal(subscription.address, purpose=PUSH)}
        phone = self.phones.get(delivery.user_id)
        if phone is None or phone.verified_at is None:
            raise Refused("The user has no telephone any more.")
        return crypto.unseal(phone.number, purpose=PHONE)

    def _text(self, notice: Notice) -> Text:
        preferences = self.preferences.get(notice.user_id) or Preferences(user_id=notice.user_id)
        return text_of(notice.kind, notice.facts, language=preferences.language, zone=preferences.zone)

    def _for_webhook(self, delivery: Delivery, hook: Webhook) -> Parcel:
        if hook.status != Webhook.Status.ACTIVE:
            raise Refused("The webhook is switched off.")
        event = self.events.get((delivery.user_id, delivery.seq))
        if event is None:
            raise Refused("The event is not kept any more.")
        told = event_json(seq=event.seq, type=event.type, at=event.at, data=event.data)
        content = json.dumps(told | {"timestamp": told["at"]}).encode()  # `timestamp` is the specification's name
        return Parcel(id=delivery.id, to=hook.url, content=content, secret=crypto.unseal(hook.secret, purpose=SECRET))
