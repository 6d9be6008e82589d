"""What happened to oneself, newest first, and the bell that counts what is unread."""

from functools import cached_property
from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from iqx.core.errors import NotFound
from iqx.notices import selectors, services
from iqx.notices.catalogue import BY_CODE
from iqx.notices.links import page_about
from iqx.notices.models import Notice, Preferences
from iqx.notices.texts import Text, text_of
from iqx.web.lists import listed
from iqx.web.members import MemberPage
from iqx.web.pages import ActionPage, Context, go

ICONS = {
    "trades": "trades",
    "disputes": "scales",
    "money": "wallet",
    "account": "person",
    "security": "shield",
    "staff": "warn",
}


class NoticesPage(MemberPage):
    template = "notices/notices.html"
    parts: ClassVar = {"notices": "notices/parts/notices.html"}

    def title(self) -> str:
        return _("Notices")

    def context(self) -> Context:
        return {"unread": selectors.unread_count(self.member.pk)}

    def part_notices(self) -> Context:
        notices = listed(self.request, selectors.notices_of(self.member.pk), order="-seq")
        return {"notices": notices, "shown": [self._shown(notice) for notice in notices.rows]}

    def _shown(self, notice: Notice) -> tuple[Notice, Text, str]:
        """In the language of the page; with the icon of its group."""
        zone = self._preferences.zone
        text = text_of(notice.kind, notice.facts, language=self.request.LANGUAGE_CODE, zone=zone)
        return notice, text, ICONS[BY_CODE[notice.kind].group]

    @cached_property
    def _preferences(self) -> Preferences:
        return selectors.preferences_of(self.member.pk)


class BellPart(MemberPage):
    """The bell alone, to be put in place of the one that a page shows."""

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        return render(request, "web/bell.html")


class OpenNotice(MemberPage):
    """To what a notice is about; it counts as read then."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        notice_id: UUID = self.kwargs["notice_id"]
        notice = selectors.notices_of(self.member.pk).filter(pk=notice_id).first()
        if notice is None:
            raise NotFound
        if notice.read_at is None:
            services.mark_read(user_id=self.member.pk, ids=[notice_id])
        return go(page_about(notice.kind, notice.facts) or "web:notices")


class ReadAll(ActionPage):
    def act(self) -> None:
        services.mark_read(user_id=self.member.pk)

    def next_page(self) -> str:
        return resolve_url("web:notices")
