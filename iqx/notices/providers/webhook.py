"""Webhooks, signed after the Standard Webhooks specification."""

from standardwebhooks import Webhook as Signer

from iqx.core import clock
from iqx.notices import outbound
from iqx.notices.outcomes import Failed, Parcel, Refused


class Webhooks:
    def is_available(self) -> bool:
        return True

    def send(self, parcel: Parcel) -> str:
        answer = post_signed(parcel)
        if answer.status == 410:
            raise Refused("HTTP 410: it is gone.", gone=True)
        if not answer.is_good:
            raise Failed(f"HTTP {answer.status}", retry_after_s=answer.retry_after_s)
        return f"HTTP {answer.status}"


def post_signed(parcel: Parcel) -> outbound.Answer:
    """POST with the headers of the specification: `webhook-id` is the same at every attempt, the time is not.

    Raises: Refused, Failed.
    """
    now = clock.now()
    content = parcel.content.decode()
    headers: dict[bytes | str, bytes | str] = {
        "content-type": "application/json",
        "user-agent": "IQX-Webhooks/1",
        "webhook-id": str(parcel.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(parcel.secret).sign(str(parcel.id), now, content),
    }
    return outbound.post(parcel.to, parcel.content, headers)
