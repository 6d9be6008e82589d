"""A queue: what waits in it, most urgent first."""

from typing import Any

from iqx.core.errors import NotFound
from iqx.desk import queues
from iqx.desk.views.base import DeskPage

_SHOWN = 100


class QueuePage(DeskPage):
    template = "desk/queue.html"

    def context(self, code: str) -> dict[str, Any]:
        queue = queues.BY_CODE.get(code)
        if queue is None:
            raise NotFound
        items = queues.first_of(queue, _SHOWN)
        return {"title": queue.name, "queue": code, "items": items, "shown": _SHOWN, "queues": queues.summaries()}
