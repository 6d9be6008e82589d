"""The disputes about one's own trades, and one of them: what was said and sent, and by when who has to answer."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from disputes import evidence, services
from disputes.models import Dispute
from disputes.representations import dispute_json
from disputes.selectors import disputes_of, get_dispute
from disputes.views.texts import ACTIONS, FINDINGS, OUTCOMES, STATES, TONES
from iqx.core.errors import Invalid
from iqx.web.files import FilesField
from iqx.web.lists import listed
from iqx.web.members import MemberForm, MemberPage
from iqx.web.pages import ActionPage, Context, go
from trades.services import role_of
from trades.views.texts import REASONS


class DisputesPage(MemberPage):
    template = "disputes/disputes.html"
    parts: ClassVar = {"disputes": "disputes/parts/disputes.html"}

    def title(self) -> str:
        return _("Disputes")

    def part_disputes(self) -> Context:
        disputes = disputes_of(self.member.pk).select_related("trade__buyer", "trade__seller")
        return {
            "disputes": listed(self.request, disputes),
            "states": STATES,
            "tones": TONES,
            "reasons": REASONS,
        }


class EvidenceForm(forms.Form):
    statement = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("What you want to say"),
        help_text=gettext_lazy("Staff and the other side read it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    attachments = FilesField(
        required=False,
        label=gettext_lazy("Pictures or PDF"),
        help_text=gettext_lazy("The bank's own page with date, amount and both names is best. Up to 10 MB each."),
    )


class DisputePage(MemberForm):
    template = "disputes/dispute.html"
    form_class = EvidenceForm
    parts: ClassVar = {"timeline": "disputes/parts/timeline.html"}
    at: ClassVar = {"file_refused": "attachments", "file_unreadable": "attachments", "file_too_large": "attachments"}

    @cached_property
    def dispute(self) -> Dispute:
        return get_dispute(dispute_id=self.kwargs["dispute_id"], user_id=self.member.pk)

    def title(self) -> str:
        return _("Dispute about %(reference)s") % {"reference": self.dispute.trade.reference}

    def frame(self) -> Context:
        dispute = self.dispute
        role = role_of(dispute.trade, self.member.pk)
        return super().frame() | {
            "dispute": dispute,
            "role": role.value,
            "is_opener": dispute.opened_by == role,
            "due_at": dispute.buyer_due_at if role == "buyer" else dispute.seller_due_at,
            "reason": REASONS[Dispute.Reason(dispute.reason)],
        }

    def part_timeline(self) -> Context:
        shown = dispute_json(self.dispute, self.member.pk)
        return {
            "entries": shown["timeline"],
            "states": STATES,
            "tones": TONES,
            "actions": ACTIONS,
            "outcome": OUTCOMES.get(self.dispute.resolution or "") or FINDINGS.get(self.dispute.finding or ""),
        }

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        given = form.cleaned_data
        if not given["statement"].strip() and not given["attachments"]:
            raise Invalid(_("Write something, or send a file."), field="statement")
        dispute = self.dispute  # before anybody's files are looked into
        services.add_statement(
            dispute_id=dispute.pk,
            actor_id=self.member.pk,
            statement=given["statement"],
            received=evidence.take_in(given["attachments"]),
        )
        messages.success(self.request, _("Staff and the other side can read it now."))
        return go("web:dispute", dispute_id=dispute.pk)


class WithdrawDispute(ActionPage):
    def act(self) -> str:
        services.withdraw_dispute(dispute_id=self.kwargs["dispute_id"], actor_id=self.member.pk)
        return _("The dispute is withdrawn.")

    def next_page(self) -> str:
        return resolve_url("web:dispute", dispute_id=self.kwargs["dispute_id"])
