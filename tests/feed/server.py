"""A server process for the tests: the real server and feed, with applications that the test can see through.

Speaks over standard output: `Listening on http://...`. Over HTTP, `POST /append` appends events to streams from inside
this process, so that its own bell rings; `POST /end` ends a session.
"""

import json
import os
import sys
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402

from iqx.core import bell  # noqa: E402
from iqx.core.feed.app import Feed  # noqa: E402
from iqx.core.feed.ports import Limits  # noqa: E402
from iqx.runtime.server import Server  # noqa: E402
from tests.feed.applications import append_events, fake_ports  # noqa: E402


@database_sync_to_async
def _do(path: str, body: Any) -> None:
    match path:
        case "/append":
            for stream, type_, data in body:
                append_events(stream, [data], type=type_)
        case "/end":
            bell.ring_ended([UUID(session_id) for session_id in body])


async def http(_scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message.get("more_body"):
            break
    await _do(_scope["path"], json.loads(body))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def main() -> None:
    limits = Limits(**json.loads(sys.argv[1]))
    feed = Feed(fake_ports(), limits)
    application = ProtocolTypeRouter({"http": http, "websocket": feed, "lifespan": feed})
    Server(
        application,
        host="127.0.0.1",
        port=0,
        threads=4,
        say=lambda line: print(line, flush=True),  # noqa: T201
    ).run()


if __name__ == "__main__":
    main()
