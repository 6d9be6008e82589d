"""Where a notice goes, and when: the channels that its user wants, has, and may be rung by at this hour."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings

from accounts.models import User
from iqx.core import clock
from iqx.notices.catalogue import BY_CODE, RINGING, Channel, is_on
from iqx.notices.models import Delivery, Notice, Phone, Preferences, PushSubscription
from iqx.notices.news import News


@dataclass(frozen=True, slots=True)
class Recipients:
    """What is known of some users' addresses."""

    mailed: frozenset[UUID]
    phoned: frozenset[UUID]
    pushed: Mapping[UUID, list[PushSubscription]]
    preferences: Mapping[UUID, Preferences]

    def deliveries(self, event: News, notice: Notice) -> Iterator[Delivery]:
        """What has to be sent to tell a notice, beyond showing it in the app."""
        kind = BY_CODE[notice.kind]
        mine = self.preferences.get(notice.user_id) or Preferences(user_id=notice.user_id)
        now = clock.now()
        for channel, addresses in self._addresses(notice.user_id):
            if not is_on(kind, channel, mine.choices):
                continue
            due_at = quiet_until(mine, now) if channel in RINGING and not kind.urgent else now
            for address in addresses:
                yield event.delivery(channel.value, due_at, notice_id=notice.id, **address)

    def _addresses(self, user_id: UUID) -> Iterator[tuple[Channel, list[dict[str, UUID]]]]:
        yield Channel.EMAIL, [{}] if user_id in self.mailed else []
        yield Channel.SMS, [{}] if user_id in self.phoned else []
        yield Channel.PUSH, [{"subscription_id": device.pk} for device in self.pushed.get(user_id, ())]


def recipients(user_ids: Iterable[UUID], preferences: Mapping[UUID, Preferences]) -> Recipients:
    users = User.objects.filter(pk__in=user_ids)
    if settings.REQUIRE_VERIFIED_EMAIL:
        users = users.filter(email_verified_at__isnull=False)
    pushed: dict[UUID, list[PushSubscription]] = defaultdict(list)
    for subscription in PushSubscription.objects.filter(user_id__in=user_ids):
        pushed[subscription.user_id].append(subscription)
    phones = Phone.objects.filter(pk__in=user_ids, verified_at__isnull=False)
    return Recipients(
        frozenset(users.values_list("pk", flat=True)),
        frozenset(phones.values_list("pk", flat=True)),
        pushed,
        preferences,
    )


def quiet_until(preferences: Preferences, now: datetime) -> datetime:
    """The end of the quiet hours that `now` falls into; `now` itself if it falls into none."""
    start, end = preferences.quiet_from, preferences.quiet_until
    if start is None or end is None:
        return now
    local = now.astimezone(preferences.zone)
    if not _within(local.time(), start, end):
        return now
    ending = datetime.combine(local.date(), end, tzinfo=preferences.zone)
    return (ending if local.time() < end else ending + timedelta(days=1)).astimezone(now.tzinfo)


def _within(moment: time, start: time, end: time) -> bool:
    if start < end:
        return start <= moment < end
    return moment >= start or moment < end
