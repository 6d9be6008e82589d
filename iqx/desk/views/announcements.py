"""Announcements: what everybody reads at the top of each page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from iqx.core import clock
from iqx.core.errors import Invalid
from iqx.desk.announcements import announce, end_announcement
from iqx.desk.models import Announcement
from iqx.desk.views.base import DeskPage, Form

_LASTS = {"1": "an hour", "6": "six hours", "24": "a day", "72": "three days", "": "until it is ended"}
_SHOWN = 30


class AnnouncementsPage(DeskPage):
    template = "desk/announcements.html"
    title = "Announcements"
    actions = ("announce", "end")

    def context(self) -> dict[str, Any]:
        rows = Announcement.objects.select_related("made_by", "ended_by").order_by("-created_at")[:_SHOWN]
        now = clock.now()
        return {
            "rows": [(row, "over" if row.ends_at and row.ends_at <= now else
                      "told now" if row.starts_at <= now else "to come") for row in rows],
            "lasts": _LASTS.items(),
            "severities": Announcement.Severity.choices,
        }  # fmt: skip

    def announce(self, form: Form) -> str:
        hours = form.text("lasts")
        if hours not in _LASTS:
            raise Invalid("Choose for how long.", field="lasts")
        lasts = timedelta(hours=int(hours)) if hours else None
        announce(
            actor=self.actor,
            text=form.text("text")[:300],
            severity=form.text("severity"),
            starts_at=_moment(form.text("starts_at")),
            lasts=lasts,
            reason=form.text("reason")[:200],
        )
        return "Everybody is told."

    def end(self, form: Form) -> str:
        end_announcement(announcement_id=form.uuid("announcement"), actor=self.actor)
        return "It is told no more."


def _moment(text: str) -> datetime:
    """Now, if nothing is given. Raises Invalid."""
    if not text:
        return clock.now()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("Give day and time, in UTC.", field="starts_at") from None
