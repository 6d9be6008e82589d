"""Webhooks: made, with a secret that is shown once, paused, deleted; and the log of what was posted."""

from functools import cached_property
from typing import Any, ClassVar, Final

from django import forms
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iqx.core.errors import NotFound
from iqx.notices import selectors, webhooks
from iqx.notices.models import Delivery, Webhook
from iqx.web.lists import listed
from iqx.web.members import MemberForm, MemberPage
from iqx.web.pages import ActionPage, Context

EVENTS: Final = (
    "order_created", "order_filled", "order_updated", "order_cancelled", "order_expired",
    "trade_opened", "trade_paid", "trade_expired", "trade_released", "trade_cancelled", "trade_disputed",
    "trade_message", "dispute_updated", "wallet_updated", "deposit_updated", "withdrawal_updated", "kyc_updated",
    "ticket_updated", "security_alert",
)  # fmt: skip
STATES: Final = {
    Webhook.Status.VERIFYING: gettext_lazy("Being proven"),
    Webhook.Status.ACTIVE: gettext_lazy("On"),
    Webhook.Status.PAUSED: gettext_lazy("Paused"),
    Webhook.Status.DISABLED: gettext_lazy("Switched off"),
}
TONES: Final = {"verifying": "wait", "active": "good", "paused": "plain", "disabled": "bad"}
DELIVERIES: Final = {
    Delivery.State.PENDING: gettext_lazy("Waiting"),
    Delivery.State.FAILED: gettext_lazy("To be tried again"),
    Delivery.State.SENT: gettext_lazy("Sent"),
    Delivery.State.DEAD: gettext_lazy("Given up"),
}
DELIVERY_TONES: Final = {"pending": "plain", "failed": "wait", "sent": "good", "dead": "bad"}


class WebhookForm(forms.Form):
    url = forms.CharField(
        max_length=500,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("It has to answer a challenge first: see the API's documents."),
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", "spellcheck": "false"}),
    )
    description = forms.CharField(required=False, max_length=100, label=gettext_lazy("What it is for"))
    events = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Only these events"),
        help_text=gettext_lazy("None: all of them."),
        choices=[(name, name) for name in EVENTS],
        widget=forms.CheckboxSelectMultiple,
    )


class WebhooksPage(MemberForm):
    template = "notices/webhooks.html"
    form_class = WebhookForm
    at: ClassVar = {"webhook_url_refused": "url"}

    def title(self) -> str:
        return _("Webhooks")

    def context(self) -> Context:
        hooks = listed(self.request, selectors.webhooks_of(self.member.pk))
        return super().context() | {"hooks": hooks, "states": STATES, "tones": TONES}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        hook, secret = webhooks.create_webhook(user=self.member, **form.cleaned_data)
        return self.render(form=form, made=hook, secret=secret, title=_("Your new webhook"))


class WebhookPage(MemberPage):
    template = "notices/webhook.html"
    parts: ClassVar = {"state": "notices/parts/webhook.html"}

    @cached_property
    def hook(self) -> Webhook:
        return selectors.get_webhook(webhook_id=self.kwargs["webhook_id"], user_id=self.member.pk)

    def title(self) -> str:
        return self.hook.description or self.hook.url

    def part_state(self) -> Context:
        return {
            "hook": self.hook,
            "states": STATES,
            "tones": TONES,
            "deliveries": listed(self.request, selectors.deliveries_of(self.hook), order="-seq"),
            "delivery_states": DELIVERIES,
            "delivery_tones": DELIVERY_TONES,
        }


class WebhookAction(ActionPage):
    def act(self) -> str:
        mine = {"webhook_id": self.kwargs["webhook_id"], "user_id": self.member.pk}
        wish = self.kwargs["wish"]
        if wish == "pause":
            webhooks.change_webhook(**mine, active=False)
            return _("Paused: nothing is posted there.")
        if wish == "resume":
            webhooks.change_webhook(**mine, active=True)
            return _("The address is asked once more whether it wants our posts.")
        if wish == "delete":
            webhooks.delete_webhook(**mine)
            return _("The webhook is deleted, with its log.")
        raise NotFound

    def next_page(self) -> str:
        if self.kwargs["wish"] == "delete":
            return resolve_url("web:webhooks")
        return resolve_url("web:webhook", webhook_id=self.kwargs["webhook_id"])


class Redeliver(ActionPage):
    def act(self) -> str:
        webhooks.redeliver(
            delivery_id=self.kwargs["delivery_id"],
            webhook_id=self.kwargs["webhook_id"],
            user_id=self.member.pk,
        )
        return _("It is posted once more, under the same id.")

    def next_page(self) -> str:
        return resolve_url("web:webhook", webhook_id=self.kwargs["webhook_id"])
