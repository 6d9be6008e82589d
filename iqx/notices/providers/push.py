"""Push messages: to browsers by Web Push, to apps by FCM, as the subscription has it."""

from django.conf import settings

from iqx.notices.outcomes import Parcel, Refused
from iqx.notices.providers import fcm, web_push


class Push:
    def is_available(self) -> bool:
        return bool(settings.VAPID_PRIVATE_KEY or settings.FCM_CREDENTIALS)

    def send(self, parcel: Parcel) -> str:
        if parcel.to["type"] == "web_push" and settings.VAPID_PRIVATE_KEY:
            return web_push.send(parcel)
        if parcel.to["type"] == "fcm" and settings.FCM_CREDENTIALS:
            return fcm.send(parcel)
        raise Refused("The platform does not send such push messages any more.")
