"""Lists as CSV, row by row, safe to open in a spreadsheet."""

import csv
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.request import Request

from iqx.core.errors import Invalid

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LINES_AT_A_TIME: Final = 500
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(request: Request) -> bool:
    """Whether `?format=csv` was asked for.

    Raises:
        Invalid: it is neither csv nor json.
    """
    name = request.query_params.get("format", "json")
    if name not in {"csv", "json"}:
        raise Invalid("This must be csv or json.", field="format")
    return name == "csv"


def csv_response(
    request: Request | HttpRequest, filename: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> StreamingHttpResponse:
    lines = _lines(columns, rows)
    wrapped = getattr(request, "_request", request)  # by DRF
    return StreamingHttpResponse(
        _asynchronously(lines) if isinstance(wrapped, ASGIRequest) else lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


class _Line:
    """A file for `csv.writer` that only hands each line on."""

    def write(self, line: str) -> str:
        return line


def _lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(row[column]) for column in columns])


async def _asynchronously(lines: Iterator[str]) -> AsyncIterator[str]:
    """Under ASGI Django would gather what a synchronous iterator yields, all of it, before it sends anything."""
    while chunk := await sync_to_async(_next_lines)(lines):
        yield chunk


def _next_lines(lines: Iterator[str]) -> str:
    return "".join(islice(lines, _LINES_AT_A_TIME))


def _cell(value: object) -> str:
    """A spreadsheet runs a text that begins like a formula; an apostrophe keeps it a text."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS_FORMULA) and not _NUMBER.fullmatch(text) else text
