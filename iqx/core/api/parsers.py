"""Reading JSON strictly: what is ambiguous or can't be stored is refused here, before any view sees it."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from iqx.core.api.errors import Malformed, PayloadTooLarge

_LONGEST_NUMBER = 64  # characters; the longest number that means something here has 21
_WIDEST_EXPONENT = 400  # a double has 308; unfolded, it is still a short text
_DEEPEST = 32
# What PostgreSQL's text and jsonb can't hold: NUL, and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """A JSON object in UTF-8. Numbers with a point become `Decimal`, never float."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PayloadTooLarge
        return parse_object(raw)


def parse_object(raw: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        Malformed: it is not JSON in UTF-8, not an object, nested too deeply, names a key twice, or holds a NUL, half
            a surrogate pair, NaN, Infinity or a number of absurd size.
    """
    try:
        value = json.loads(
            raw.decode(),
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_decimal,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise Malformed("The JSON is nested too deeply.") from None
    except ValueError as error:
        raise Malformed(f"The body is not JSON in UTF-8: {error}") from None
    if not isinstance(value, dict):
        raise Malformed("The body must be a JSON object.")
    if b"\\u" in raw or raw.count(b"{") + raw.count(b"[") > _DEEPEST:
        _inspect(value, depth=1)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON.")


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise Malformed("A number is too long.")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise Malformed("A number is too long.")
    value = Decimal(text)
    if not value.is_finite() or abs(value.adjusted()) > _WIDEST_EXPONENT:
        raise Malformed("A number is out of range.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("An object names the same key twice.")
    return found


def _inspect(value: object, depth: int) -> None:
    """Refuse what would only fail later: texts that can't be stored, and nesting that exhausts the stack."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise Malformed("A text holds a NUL character or half a surrogate pair.")
    elif isinstance(value, dict | list):
        if depth > _DEEPEST:
            raise Malformed("The JSON is nested too deeply.")
        for inner in value:
            _inspect(inner, depth + 1)
        for inner in value.values() if isinstance(value, dict) else ():
            _inspect(inner, depth + 1)
