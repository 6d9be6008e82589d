"""Every refusal as RFC 9457 `application/problem+json`: only this module knows what an error looks like over HTTP."""

import json
import logging
from dataclasses import dataclass, field, replace
from functools import singledispatch
from http import HTTPStatus
from http.client import responses
from math import ceil
from typing import Any

import psycopg
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
    ValidationError,
)
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions as drf

from iqx.core.api import errors
from iqx.core.errors import Busy, Conflict, DomainError, Invalid, NotAllowed, NotFound, RuleViolated
from iqx.core.logs import request_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "/api/v1/errors/"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal, ready to be sent, or to stand as one item of a batch's answer."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            **self.extra,
            "type": f"{TYPE_PREFIX}{self.code}",
            "title": responses.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id.get(),
            "errors": self.errors,
        }


def problem_response(problem: Problem) -> HttpResponse:
    response = HttpResponse(
        json.dumps(problem.as_json(), default=str),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers.setdefault("WWW-Authenticate", 'Bearer realm="iqx"')
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """What DRF calls for whatever a view raises. Nothing is left to Django's own pages."""
    return problem_response(problem_of(error))


@singledispatch
def problem_of(error: Exception) -> Problem:
    """The problem that `error` is to a client; one that nobody foresaw is a 500, and is logged with its trace."""
    logger.error("Unforeseen error: %s", type(error).__name__, exc_info=error)
    return problem_of(errors.InternalError())


@problem_of.register
def _(error: DomainError) -> Problem:
    retry_after = getattr(error, "retry_after_s", None)
    return Problem(
        error.status,
        error.code,
        error.detail,
        extra=error.extra,
        headers={} if retry_after is None else {"Retry-After": str(retry_after)},
    )


@problem_of.register
def _(error: Invalid) -> Problem:
    faults = [{"field": error.field, "code": "invalid", "detail": error.detail}]
    return Problem(error.status, error.code, Invalid.detail, faults, extra=error.extra)


@problem_of.register
def _(error: drf.ValidationError) -> Problem:
    return Problem(Invalid.status, Invalid.code, Invalid.detail, list(_faults(error.detail, "")))


def _faults(detail: object, path: str) -> list[dict[str, Any]]:
    """DRF's nested error detail as a flat list; a fault of no one field has a null `field`."""
    if isinstance(detail, dict):
        return [
            fault
            for name, inner in detail.items()
            for fault in _faults(inner, path if name == "non_field_errors" else _join(path, name))
        ]
    if isinstance(detail, list):
        nested = any(isinstance(inner, dict | list) for inner in detail)
        return [
            fault
            for index, inner in enumerate(detail)
            for fault in _faults(inner, _join(path, index) if nested else path)
        ]
    return [{"field": path or None, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}]


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


@problem_of.register
def _(error: ValidationError) -> Problem:
    faults = [{"field": None, "code": "invalid", "detail": message} for message in error.messages]
    return Problem(Invalid.status, Invalid.code, Invalid.detail, faults)


@problem_of.register
def _(error: drf.Throttled) -> Problem:
    throttled = problem_of(errors.Throttled())
    wait_s: float | None = getattr(error, "wait", None)
    return throttled if wait_s is None else replace(throttled, headers={"Retry-After": str(ceil(wait_s))})


_OF_THE_FRAMEWORK: list[tuple[type[drf.APIException], type[DomainError]]] = [
    (drf.NotAuthenticated, errors.NotAuthenticated),
    (drf.PermissionDenied, NotAllowed),
    (drf.NotFound, NotFound),
    (drf.MethodNotAllowed, errors.MethodNotAllowed),
    (drf.UnsupportedMediaType, errors.UnsupportedMediaType),
]


@problem_of.register
def _(error: drf.APIException) -> Problem:
    for theirs, ours in _OF_THE_FRAMEWORK:
        if isinstance(error, theirs):
            return problem_of(ours())
    if isinstance(error, drf.AuthenticationFailed):
        return Problem(401, "authentication_failed", "The access token is not valid.")
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("Unforeseen error: %s", type(error).__name__, exc_info=error)
        return problem_of(errors.InternalError())
    return problem_of(errors.Malformed(str(error.detail)))


@problem_of.register
def _(error: Http404) -> Problem:
    return problem_of(NotFound())


@problem_of.register
def _(error: PermissionDenied) -> Problem:
    return problem_of(NotAllowed())


@problem_of.register(SuspiciousOperation)
@problem_of.register(UnreadablePostError)
@problem_of.register(UnicodeEncodeError)
def _(error: Exception) -> Problem:
    return problem_of(errors.Malformed())


@problem_of.register(RequestDataTooBig)
@problem_of.register(TooManyFilesSent)
def _(error: Exception) -> Problem:
    return problem_of(errors.PayloadTooLarge())


@problem_of.register
def _(error: DataError) -> Problem:
    """PostgreSQL can't hold the value: a NUL in a text, a number beyond its column."""
    logger.warning("A value reached the database that it can't hold", exc_info=error)
    return problem_of(errors.Malformed("A value is out of the range that the platform can hold."))


@problem_of.register(OperationalError)
@problem_of.register(InterfaceError)
@problem_of.register(psycopg.OperationalError)
def _(error: Exception) -> Problem:
    """The database is away, or the pool of connections is exhausted."""
    logger.error("No use of the database: %s", error)
    return problem_of(errors.DatabaseAway())


_OF_STATUS: dict[int, type[DomainError]] = {
    error.status: error
    for error in (
        errors.NotAuthenticated,
        NotAllowed,
        NotFound,
        errors.MethodNotAllowed,
        Conflict,
        errors.PayloadTooLarge,
        errors.UnsupportedMediaType,
        RuleViolated,
        errors.Throttled,
        Busy,
    )
}


def problem_of_status(status: int) -> Problem:
    """The problem that stands for an error page of the framework, or for a bare status."""
    fallback = errors.InternalError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else errors.Malformed
    return replace(problem_of(_OF_STATUS.get(status, fallback)()), status=status)
