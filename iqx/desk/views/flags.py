"""A flag: what a rule found, and whether it is what it looks like."""

from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import Flag
from accounts.trust import flags
from accounts.trust.rules import RULES
from accounts.trust.selectors import records_of
from iqx.core.errors import NotFound
from iqx.desk.views.base import DeskPage, Form
from iqx.desk.views.neighbours import after

_SUBJECT_PAGES = {
    Flag.Subject.USER: "desk:person",
    Flag.Subject.TRADE: "admin:trades_trade_change",
    Flag.Subject.WITHDRAWAL: "desk:withdrawal",
}


class FlagPage(DeskPage):
    template = "desk/flag.html"
    queue = "flags"
    actions = ("clear", "confirm")

    def context(self, flag_id: UUID) -> dict[str, Any]:
        flag = flags.flags().filter(pk=flag_id).first()
        if flag is None:
            raise NotFound
        spec, page = RULES.get(flag.code), _SUBJECT_PAGES.get(Flag.Subject(flag.subject_kind))
        return {
            "title": spec.title if spec else flag.code,
            "flag": flag,
            "spec": spec,
            "person": flag.user,
            "record": records_of([flag.user_id])[flag.user_id],
            "subject": reverse(page, args=[flag.subject_id]) if page else "",
            "others": flags.flags().filter(user=flag.user).exclude(pk=flag.pk).order_by("-id")[:10],
            "following": after(self.queue, flag.pk),
        }

    def clear(self, form: Form, flag_id: UUID) -> str:
        flags.clear_flag(flag_id=flag_id, actor=self.actor, note=form.reason())
        return "Cleared: the rule is quiet about this for a week."

    def confirm(self, form: Form, flag_id: UUID) -> str:
        flags.confirm_flag(flag_id=flag_id, actor=self.actor, note=form.reason())
        return "Confirmed. What follows from it, such as a suspension, is a step of its own."
