"""SMS by Twilio's REST API."""

from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings

from iqx.core import clock
from iqx.notices.outcomes import Failed, Parcel, Refused

_TIMEOUT_S = 10.0
_LONGEST = 300  # characters, two or three parts of an SMS
_LOOK_BACK = timedelta(days=1)


class Twilio:
    def is_available(self) -> bool:
        return bool(settings.TWILIO["account"])

    def send(self, parcel: Parcel) -> str:
        """Twilio takes no key that would make a repeat harmless. So each text ends with a code of its own, and before a
        repeat Twilio is asked whether a text with that code went out already.
        """  # noqa: D205 one paragraph
        code = f"#{parcel.id.hex[:8]}"
        if parcel.is_repeat and (found := _sent(parcel.to, code)):
            return found
        text = f"IQX: {parcel.text.title}. {parcel.text.body}"
        return send_text(parcel.to, f"{text[:_LONGEST]} {code}")


def send_text(to: str, text: str) -> str:
    """Send an SMS; Twilio's id of it. Raises: Failed, Refused."""
    sender = settings.TWILIO["sender"]
    by = "MessagingServiceSid" if sender.startswith("MG") else "From"
    return str(_ask("POST", data={"To": to, by: sender, "Body": text})["sid"])


def _sent(to: str, code: str) -> str | None:
    since = (clock.now() - _LOOK_BACK).date().isoformat()
    page = _ask("GET", params={"To": to, "DateSent>": since, "PageSize": 100})
    return next((message["sid"] for message in page["messages"] if message["body"].endswith(code)), None)


def _ask(method: str, **options: Any) -> Any:  # noqa: ANN401 JSON
    account, token = settings.TWILIO["account"], settings.TWILIO["token"]
    url = f"{settings.TWILIO['url']}/2010-04-01/Accounts/{account}/Messages.json"
    try:
        answer = httpx.request(method, url, auth=(account, token), timeout=_TIMEOUT_S, trust_env=False, **options)
        told = answer.json() if answer.content else {}
    except (httpx.HTTPError, ValueError) as error:
        raise Failed(type(error).__name__) from error
    if answer.is_success:
        return told
    reason = f"Twilio {answer.status_code} {told.get('code', '')}".strip()
    if answer.status_code == 400:  # the number can't be texted, or its owner has opted out
        raise Refused(reason, gone=True)
    raise Failed(reason)
