"""Firebase Cloud Messaging, HTTP v1, with a service account's token."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
from django.conf import settings
from google.auth import exceptions, transport
from google.oauth2.service_account import Credentials

from iqx.notices.outcomes import Failed, Parcel, Refused

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_TIMEOUT_S = 10.0


class _Answer(transport.Response):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


class _Transport(transport.Request):
    """Lets google-auth ask by httpx."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,  # noqa: ANN401 as google-auth has it
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **options: Any,  # noqa: ANN401
    ) -> _Answer:
        try:
            asked = httpx.request(
                method, url, content=body, headers=headers, timeout=timeout or _TIMEOUT_S, trust_env=False
            )
        except httpx.HTTPError as error:
            raise exceptions.TransportError(error) from error  # type: ignore[no-untyped-call]
        return _Answer(asked)


@cache
def _account(credentials: str) -> Credentials:
    info = json.loads(credentials)
    account: Credentials = Credentials.from_service_account_info(info, scopes=[_SCOPE])  # type: ignore[no-untyped-call]
    return account


def _token(account: Credentials) -> str:
    try:
        if not account.valid:
            account.refresh(_Transport())  # type: ignore[no-untyped-call]
    except exceptions.GoogleAuthError as error:
        raise Failed(f"No token: {type(error).__name__}") from error
    return str(account.token)


def send(parcel: Parcel) -> str:
    """A repeat replaces what it repeats: on the way by its collapse key, on the screen by its tag."""
    account = _account(settings.FCM_CREDENTIALS)
    url = f"{settings.FCM_URL}/v1/projects/{account.project_id}/messages:send"
    headers = {"Authorization": f"Bearer {_token(account)}"}
    try:
        answer = httpx.post(
            url, json={"message": _message(parcel)}, headers=headers, timeout=_TIMEOUT_S, trust_env=False
        )
    except httpx.HTTPError as error:
        raise Failed(type(error).__name__) from error
    if answer.is_success:
        return str(answer.json().get("name", ""))
    if answer.status_code == 404 or "UNREGISTERED" in answer.text:
        raise Refused(f"FCM {answer.status_code}: the app is not registered any more.", gone=True)
    if answer.status_code == 400:
        raise Refused("FCM 400")
    after = answer.headers.get("Retry-After", "")
    raise Failed(f"FCM {answer.status_code}", retry_after_s=int(after) if after.isdigit() else None)


def _message(parcel: Parcel) -> dict[str, Any]:
    key = str(parcel.id)
    return {
        "token": parcel.to["token"],
        "notification": {"title": parcel.text.title, "body": parcel.text.body},
        "data": {"link": parcel.link, "id": key},
        "android": {
            "collapse_key": key,
            "priority": "HIGH" if parcel.urgent else "NORMAL",
            "notification": {"tag": key},
        },
        "apns": {"headers": {"apns-collapse-id": key}},
    }
