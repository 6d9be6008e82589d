"""Lists as CSV, which may be long: never all of it in memory."""

import asyncio
from collections.abc import Iterator

import pytest
from django.test import AsyncRequestFactory, RequestFactory
from rest_framework.request import Request

from wallets.api import csv_export
from wallets.api.csv_export import csv_response


class Rows:
    """A hundred rows, and how many of them were asked for."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> Iterator[dict[str, int]]:
        for number in range(100):
            self.read += 1
            yield {"number": number}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    monkeypatch.setattr(csv_export, "_LINES_AT_A_TIME", 10)
    return Rows()


WHOLE = "".join(f"{line}\r\n" for line in ["number", *range(100)])


def test_a_wsgi_server_gets_line_by_line(rows: Rows) -> None:
    answer = csv_response(Request(RequestFactory().get("/")), "n.csv", ["number"], rows)
    assert b"".join(answer.streaming_content).decode() == WHOLE  # type: ignore[arg-type]


def test_an_asgi_server_gets_chunks_as_it_asks_for_them(rows: Rows) -> None:
    answer = csv_response(Request(AsyncRequestFactory().get("/")), "n.csv", ["number"], rows)

    async def read() -> list[bytes]:
        chunks = aiter(answer)
        first = await anext(chunks)
        assert rows.read == 9  # and the header
        return [first, *[chunk async for chunk in chunks]]

    chunks = asyncio.run(read())
    assert len(chunks) == 11
    assert b"".join(chunks).decode() == WHOLE
