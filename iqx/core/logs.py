"""Log lines: which request, person and trade they are about, and nothing that lets anybody in.

In production each line is one JSON object, otherwise a line to read. Both are cleaned of secrets at the last moment,
traces included: what a library logs is cleaned as well.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

from django.conf import settings

from iqx.core import clock

request_id: ContextVar[str] = ContextVar("request_id", default="-")
user_id: ContextVar[str] = ContextVar("user_id", default="-")
trade_id: ContextVar[str] = ContextVar("trade_id", default="-")

_CONTEXT: Final = {"request_id": request_id, "user": user_id, "trade": trade_id}


def begin(own_request_id: str) -> None:
    """A request begins. Nothing is known of it yet, whatever this thread did before."""
    request_id.set(own_request_id)
    user_id.set("-")
    trade_id.set("-")


def note(user: object, trade: object) -> None:
    """What is known of the request in hand once it is authenticated; None is nothing."""
    if user is not None:
        user_id.set(str(user))
    if trade is not None:
        trade_id.set(str(trade))


@contextmanager
def about_trade(own_trade_id: object) -> Iterator[None]:
    """What is logged in this block is about this trade."""
    token = trade_id.set(str(own_trade_id))
    try:
        yield
    finally:
        trade_id.reset(token)


class ContextFilter(logging.Filter):
    """Give a record what it is about: each part as an attribute, and all of them as `context`."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = {name: variable.get() for name, variable in _CONTEXT.items()}
        for name, value in known.items():
            setattr(record, name, value)
        more = "".join(f" {name}={value}" for name, value in known.items() if name != "request_id" and value != "-")
        record.context = f"{known['request_id']}{more}"
        return True


class ToldAlready(logging.Filter):
    """Drops Django's own line about an answer of 500 or more whose cause was logged, with its trace, before."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info) or getattr(record, "status_code", 0) < 500


class LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object per line. `extra` of a record becomes members of its own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": clock.rfc3339(clock.moment(record.created)),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in _CONTEXT:
            value = getattr(record, name, "-")
            if value != "-":
                line[name] = value
        line |= {name: value for name, value in vars(record).items() if name in _EXTRA}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str))


_EXTRA: Final = frozenset({"method", "route", "status", "milliseconds", "chore", "alert"})

_SECRETS: Final = (
    (re.compile(r"(?i)\b(bearer|basic|key)(\\?\s+)[\w.~+/=-]{16,}"), r"\1\2***"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "***"),
    (re.compile(r"(\b[a-z][a-z0-9+]*://[^:/@\s\"]*:)[^@/\s\"]+@"), r"\1***@"),
    (
        re.compile(
            r"(?i)([\"']?\b[\w-]*(?:passw(?:or)?d|secret|token|otp|api_?key|authorization|cookie|csrf)[\w-]*\\?[\"']?"
            r"\s*[=:]\s*\\?[\"']?)(?!\*\*\*|None\b|null\b|True\b|False\b)[^\s\"',;&}\\]+"
        ),
        r"\1***",
    ),
)


def redact(text: str) -> str:
    """`text` without what looks like a secret, and without those that we have."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    for secret in _own_secrets():
        text = text.replace(secret, "***")
    return text


@cache
def _own_secrets() -> tuple[str, ...]:
    database = settings.DATABASES["default"]
    ours = [
        settings.SECRET_KEY,
        *settings.ENCRYPTION_KEYS,
        settings.MONITOR_TOKEN,
        settings.EMAIL_HOST_PASSWORD,
        database.get("PASSWORD"),
    ]
    return tuple(secret for secret in ours if secret and len(secret) >= 8)
