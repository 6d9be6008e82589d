"""The HTTP side of idempotency keys and dry runs: running a handler at most once, or only as a rehearsal."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from iqx.core import idempotency, transactions
from iqx.core.errors import Invalid
from iqx.core.idempotency import AlreadyDone, KeyedRequest
from iqx.core.models import IdempotencyRecord

Handler = Callable[[], HttpResponseBase]

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def keyed_request(request: Request) -> KeyedRequest | None:
    """What the Idempotency-Key of `request` stands for; None without one, and for strangers, who own nothing."""
    key = request.headers.get("Idempotency-Key")
    if key is None or not request.user.is_authenticated:
        return None
    if not _KEY.fullmatch(key):
        raise Invalid("This must be 1 to 255 visible ASCII characters.", field="Idempotency-Key")
    asked = {"method": request.method, "address": request.get_full_path(), "body": _canonical(request.data)}
    return KeyedRequest(
        user_id=request.user.pk,
        key=key,
        endpoint=f"{request.method} {request.path}",
        fingerprint=hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest(),
    )


def _canonical(body: object) -> object:
    """The body without what differs between repeats: order of keys, white space, boundaries of multipart."""
    if isinstance(body, QueryDict):
        return {name: [_file_digest(value) for value in values] for name, values in body.lists()}
    return body


def _file_digest(value: object) -> object:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return ["file", value.name, value.content_type, digest.hexdigest()]


def run_once(request: KeyedRequest, handler: Handler) -> HttpResponseBase:
    """Run a handler of one use case in one transaction with its record, or replay what it answered before."""
    try:
        with idempotency.claim(request) as claim:
            response = handler()
            if response.status_code >= 400:
                raise _Refused(response)
            claim.answer = answer_of(response)
    except AlreadyDone as done:
        return replay(done.record)
    except _Refused as refused:
        return refused.response
    return response


def run_in_two_steps(
    request: KeyedRequest, handler: Handler, recover: Callable[[Any], HttpResponseBase], *, keep: bool = True
) -> HttpResponseBase:
    """Run a handler that claims its key itself; if its answer was lost, `recover` it from the record's refs.

    Without `keep` the answer is not stored, and each repeat recovers it.
    """
    try:
        response = handler()
    except AlreadyDone as done:
        if done.record.status is not None:
            return replay(done.record)
        response = recover(done.record.refs)
        response.headers["Idempotent-Replayed"] = "true"
    if keep and response.status_code < 400:
        idempotency.save_answer(request, *answer_of(response))
    return response


def rehearse(handler: Handler) -> HttpResponseBase:
    """Run a handler with all its checks, then undo it."""
    response = transactions.rehearse(handler)
    if response.status_code < 400:
        response.status_code = 200
    return response


class _Refused(Exception):
    """Rolls back, and carries the response out of the transaction."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__(response)
        self.response = response


def answer_of(response: HttpResponseBase) -> tuple[int, str]:
    """The status and the JSON text that stand for `response`."""
    if isinstance(response, Response):
        return response.status_code, JSONRenderer().render(response.data).decode()
    return response.status_code, cast("HttpResponse", response).content.decode()


def replay(record: IdempotencyRecord) -> HttpResponse:
    return HttpResponse(
        record.body,
        status=record.status,
        content_type="application/json",
        headers={"Idempotent-Replayed": "true"},
    )
