"""Those who carry notices to people and events to programs, behind one interface."""

from typing import Final, Protocol

from iqx.notices.models import Delivery
from iqx.notices.outcomes import Parcel
from iqx.notices.providers import email, push, twilio, webhook

Route = Delivery.Route


class Provider(Protocol):
    """One way of sending. It touches no database, and runs in no transaction."""

    def is_available(self) -> bool:
        """Whether this deployment is set up for it."""
        ...

    def send(self, parcel: Parcel) -> str:
        """Send it; the other side's own reference, or what it answered.

        Raises: Failed, to be tried again; Refused, not to be.
        """
        ...


PROVIDERS: Final[dict[str, Provider]] = {
    Route.EMAIL: email.Email(),
    Route.SMS: twilio.Twilio(),
    Route.PUSH: push.Push(),
    Route.WEBHOOK: webhook.Webhooks(),
}
