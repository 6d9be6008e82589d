"""The feed's messages, as texts: what goes out (one encoding for all who get it) and what comes in."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from iqx.core import clock
from iqx.core.feed.book import Book, BookLevel
from iqx.core.feed.reads import Row

MARKET_UPDATES: Final = "market_updates"
USER: Final = "user"
BOOK: Final = "book"

REFUSALS: Final = {
    "malformed": "A message is a JSON object in a text frame.",
    "unknown_op": "There is no such `op`.",
    "message_too_large": "The message is too large.",
    "validation_error": "A field is missing or not valid.",
    "unknown_channel": "There is no such channel.",
    "unknown_market": "There is no such market.",
    "invalid_since": "`since` is a seq of the stream: an integer from 0 to its head.",
    "events_gone": "What follows `since` is kept no more: read the objects anew, and follow from now on.",
    "not_authenticated": "This channel needs authentication.",
    "already_authenticated": "The socket belongs to another user.",
    "already_subscribed": "The socket has this subscription.",
    "not_subscribed": "The socket does not have this subscription.",
    "too_many_subscriptions": "The socket has as many subscriptions as it may have.",
    "busy": "The feed can't answer now; try again.",
}
"""Every `code` of an `error` message."""


class Refused(Exception):
    """A client's message that had no effect; the socket stays open."""

    def __init__(self, code: str, detail: str | None = None, *, request_id: str | None = None) -> None:
        self.code = code
        self.detail = detail or REFUSALS[code]
        self.request_id = request_id
        super().__init__(f"{code}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Request:
    """A client's message. Fields that its `op` does not know are not looked at."""

    op: str
    id: str | None = None
    token: str = ""
    channel: str = ""
    market: str | None = None
    since: int | None = None


_SYMBOL: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")
_MAX_ID: Final = 64
_MAX_TOKEN: Final = 4096


def parse(text: str) -> Request:
    """Read a client's message.

    Raises:
        Refused: with the message's `id`, as far as it has a valid one.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(message, dict):
        raise Refused("malformed")
    request_id = _text(message, "id", _MAX_ID) if message.get("id") is not None else None
    try:
        return _request(message, request_id)
    except Refused as refusal:
        refusal.request_id = request_id
        raise


def _request(message: dict[str, Any], request_id: str | None) -> Request:
    match message.get("op"):
        case "ping":
            return Request("ping", request_id)
        case "auth":
            return Request("auth", request_id, token=_text(message, "token", _MAX_TOKEN))
        case "subscribe":
            channel, market = _address(message)
            return Request("subscribe", request_id, channel=channel, market=market, since=_since(message))
        case "unsubscribe":
            channel, market = _address(message)
            return Request("unsubscribe", request_id, channel=channel, market=market)
    raise Refused("unknown_op")


def _address(message: dict[str, Any]) -> tuple[str, str | None]:
    match message.get("channel"):
        case "user":
            return USER, None
        case "market_updates" | "book" as channel:
            market = _text(message, "market", 32)
            if not _SYMBOL.fullmatch(market):
                raise Refused("unknown_market")
            return channel, market
    raise Refused("unknown_channel")


def _since(message: dict[str, Any]) -> int | None:
    since = message.get("since")
    if since is not None and (type(since) is not int or since < 0):
        raise Refused("invalid_since")
    return since


def _text(message: dict[str, Any], field: str, longest: int) -> str:
    value = message.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise Refused("validation_error", f"`{field}` is a printable text of 1 to {longest} characters.")
    return value


def encode(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))


def error(refusal: Refused) -> str:
    return encode({"op": "error", "id": refusal.request_id, "code": refusal.code, "detail": refusal.detail})


def answer(op: str, request: Request, **fields: Any) -> str:  # noqa: ANN401 whatever JSON knows
    """The answer to a request, with its `id` and address as far as it has them."""
    told = {"id": request.id, "channel": request.channel or None, "market": request.market}
    return encode({"op": op, **{name: value for name, value in told.items() if value is not None}, **fields})


def authenticated(request: Request, user_id: UUID) -> str:
    return answer("authenticated", request, user=str(user_id))


def heartbeat(heads: dict[str, int]) -> str:
    return encode({"op": "heartbeat", "heads": heads})


def prefix(channel: str, market: str | None) -> str:
    """What every message of a channel begins with."""
    return encode({"channel": channel, **({"market": market} if market else {})})[:-1]


def event(start: str, row: Row) -> str:
    """An event in its one form (`iqx.core.events.event_json`), around the JSON text that the table holds."""
    return f'{start},"seq":{row.seq},"type":{json.dumps(row.type)},"at":"{clock.rfc3339(row.at)}","data":{row.data}}}'


def snapshot(start: str, book: Book) -> str:
    return _book(start, "snapshot", book.seq, book.bids(), book.asks())


def delta(start: str, seq: int, touched: dict[str, list[BookLevel]]) -> str:
    return _book(start, "delta", seq, touched["buy"], touched["sell"])


def _book(start: str, kind: str, seq: int, bids: list[BookLevel], asks: list[BookLevel]) -> str:
    return f'{start},"type":"{kind}","seq":{seq},{encode({"bids": bids, "asks": asks})[1:]}'
