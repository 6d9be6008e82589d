"""The trade room: what is to be done now and by whom, where to pay, the chat, and every step of a trade."""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property, partial
from typing import ClassVar, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import passkeys_of, payment_accounts_of
from disputes.reasons import permitted
from disputes.services import open_dispute
from iqx.core import clock, files
from iqx.core.errors import DomainError, Invalid, NotFound
from iqx.core.money import minor_units, plain
from iqx.notices.views.devices import offered_key
from iqx.web.fields import FiatField
from iqx.web.pages import ActionPage, Context, FormPage, Page, add_refusal, go
from trades import chat, payments, room, services
from trades.escrow import Actor
from trades.feedback import RATEABLE, WINDOW, give_feedback
from trades.models import Feedback, Message, ReadMark, RoomEntry, Trade
from trades.payments import add_payment_details
from trades.views.markets import method_names
from trades.views.texts import REASONS, ROOM_TEXTS, WARNINGS

ENTRIES: Final = 200


class MessageForm(forms.Form):
    body = forms.CharField(required=False, max_length=2000, strip=False, label=gettext_lazy("Message"))
    attachment = forms.FileField(required=False, label=gettext_lazy("Receipt or picture"))


class TradeRoom(Page):
    """What all pages of one trade know."""

    members_only = True

    @cached_property
    def trade(self) -> Trade:
        trade, self.entries = room.room_of(trade_id=self.kwargs["trade_id"], user_id=self.member.pk)
        add_payment_details([trade], self.member.pk)
        return trade

    @property
    def role(self) -> Actor:
        return services.role_of(self.trade, self.member.pk)

    def frame(self) -> Context:
        trade, is_buyer = self.trade, self.role is Actor.BUYER
        return super().frame() | {
            "trade": trade,
            "is_buyer": is_buyer,
            "other": trade.seller if is_buyer else trade.buyer,
            "fee": trade.buyer_fee if is_buyer else trade.seller_fee,
            "net": trade.amount - trade.buyer_fee if is_buyer else trade.amount + trade.seller_fee,
            "total_plain": plain(trade.total, minor_units(trade.quote)),
            "is_live": trade.status in Trade.LIVE,
        }

    def home(self) -> str:
        return resolve_url("web:trade", trade_id=self.kwargs["trade_id"])


class TradePage(TradeRoom):
    template = "trades/trade.html"
    parts: ClassVar = {"state": "trades/parts/state.html", "chat": "trades/parts/chat.html"}

    def title(self) -> str:
        return self.trade.reference

    def context(self) -> Context:
        key = offered_key(self.request) if self.trade.status in Trade.LIVE else None
        return {"form": MessageForm(), "chat_open": self._chat_is_open(), "push_key": key}

    def part_state(self) -> Context:
        trade = self.trade
        names = method_names([trade.payment_method or trade.proposed_method or ""])
        return {
            "method_name": names.get(trade.payment_method or trade.proposed_method or ""),
            "can_dispute": bool(permitted(trade.status, self.role)) and trade.status == Trade.Status.PAID,
            "can_dispute_later": bool(permitted(trade.status, self.role)) and trade.status not in Trade.LIVE,
            "can_rate": self._can_rate(),
            **self._method_choice(),
        }

    def _method_choice(self) -> Context:
        """What the seller needs to name a method or choose an account; two queries, in states that permit it."""
        trade = self.trade
        unpaid = trade.status in {Trade.Status.AWAITING_PAYMENT, Trade.Status.EXPIRED}
        if not unpaid or self.role is Actor.BUYER:
            return {}
        if trade.payment_method is None:
            return {"methods": method_names(trade.market.payment_methods)}
        accounts = payment_accounts_of(self.member.pk).filter(method_id=trade.payment_method)
        has_passkey = self.member.two_factor and passkeys_of(self.member.pk).exists()
        return {"accounts": list(accounts.order_by("-is_default", "label")), "has_passkey": has_passkey}

    def _can_rate(self) -> bool:
        trade = self.trade
        if trade.status not in RATEABLE or trade.closed_at is None or clock.now() > trade.closed_at + WINDOW:
            return False
        return not Feedback.objects.filter(trade=trade, author_id=self.member.pk).exists()

    def _chat_is_open(self) -> bool:
        closed_at = self.trade.closed_at
        return closed_at is None or clock.now() <= closed_at + timedelta(seconds=settings.TRADE_CHAT_SECONDS)

    def part_chat(self) -> Context:
        return chat_context(self)


def chat_context(page: TradeRoom) -> Context:
    """The newest entries of the room, oldest first; what is shown counts as read."""
    trade, role = page.trade, page.role
    entries = list(page.entries.order_by("-key")[:ENTRIES])[::-1]
    room.add_messages(entries)
    read_to = trade.read_to  # type: ignore[attr-defined]
    _note_read(trade, page.member.pk, entries)
    shown = [room.entry_json(entry, reader=role, read_to=read_to) for entry in entries]
    for entry in shown:
        if entry["kind"] == RoomEntry.Kind.SYSTEM:
            entry["body"] = ROOM_TEXTS.get(entry["action"], entry["body"])
            entry["note"] = REASONS.get(entry["note"], entry["note"])
        if entry["flags"]:
            entry["warning"] = next((text for flag, text in WARNINGS.items() if flag in entry["flags"]), None)
    return {"entries": shown}


def _note_read(trade: Trade, reader_id: UUID, entries: list[RoomEntry]) -> None:
    newest = max((_of_others(entry.message, reader_id) for entry in entries), default=0)
    if not newest:
        return
    if not ReadMark.objects.filter(trade=trade, reader_id=reader_id, message_id__gte=newest).exists():
        chat.mark_read(trade_id=trade.id, actor_id=reader_id)


def _of_others(message: Message | None, reader_id: UUID) -> int:
    """The number of a message that somebody else wrote; 0 of what is none."""
    return 0 if message is None or message.author_id == reader_id else message.pk


class MessagePage(TradeRoom):
    """A message to the other side; a browser with scripts gets the chat back, others the page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        form = MessageForm(request.POST, request.FILES)
        page = self.trade  # before anybody's file is looked at
        try:
            if form.is_valid():
                upload = form.cleaned_data["attachment"]
                received = files.receive(upload) if upload else None
                chat.write_message(
                    trade_id=page.id, actor_id=self.member.pk, body=form.cleaned_data["body"], attachment=received
                )
        except DomainError as error:
            add_refusal(form, error)
        if request.headers.get("HX-Request"):
            context = self.frame() | chat_context(self) | {"form": form}
            return render(request, "trades/parts/chat.html", context)
        if form.errors:
            for errors in form.errors.values():
                messages.error(request, " ".join(str(error) for error in errors))
        return go(f"{self.home()}#chat")


class ReleaseForm(forms.Form):
    """The amount that arrived, typed by hand: nobody does that by accident."""

    received = FiatField(label=gettext_lazy("Type the amount that arrived"))
    seen = forms.BooleanField(label=gettext_lazy("I have opened my bank or app myself, and the money is there"))


class ReleasePage(TradeRoom, FormPage):
    template = "trades/release.html"
    form_class = ReleaseForm

    def title(self) -> str:
        return _("Release the USDT")

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if self.role is not Actor.SELLER or self.trade.status != Trade.Status.PAID:
            return go(self.home())
        return super().get(request, **kwargs)

    def submit(self, form: ReleaseForm) -> HttpResponseBase:
        if form.cleaned_data["received"] != self.trade.total:
            raise Invalid(
                _("This is not the amount of this trade. If another amount arrived, write to the buyer first."),
                field="received",
            )
        services.release_trade(trade_id=self.trade.id, actor_id=self.member.pk)
        return go(self.home())


class DisputeForm(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("What is wrong?"), widget=forms.RadioSelect)
    statement = forms.CharField(
        max_length=4000,
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Times, amounts, names on the payment. Staff and the other side read it."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class DisputePage(TradeRoom, FormPage):
    template = "trades/dispute.html"

    def title(self) -> str:
        return _("Ask staff for help")

    def make_form(self) -> forms.Form:
        form = DisputeForm(self.request.POST if self.request.method == "POST" else None)
        choices = [(reason.value, REASONS[reason]) for reason in permitted(self.trade.status, self.role)]
        form.fields["reason"].choices = choices  # type: ignore[attr-defined]
        return form

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not permitted(self.trade.status, self.role):
            return go(self.home())
        return super().get(request, **kwargs)

    def submit(self, form: DisputeForm) -> HttpResponseBase:
        open_dispute(trade_id=self.trade.id, actor_id=self.member.pk, **form.cleaned_data)
        return go(self.home())


class FeedbackForm(forms.Form):
    rating = forms.TypedChoiceField(coerce=int, choices=[(number, number) for number in range(5, 0, -1)])
    comment = forms.CharField(required=False, max_length=500)


class FeedbackPage(ActionPage):
    def act(self) -> str:
        form = FeedbackForm(self.request.POST)
        if not form.is_valid():
            raise Invalid(_("Choose one to five stars."), field="rating")
        give_feedback(trade_id=self.kwargs["trade_id"], actor_id=self.member.pk, **form.cleaned_data)
        return _("Thank you. Your rating helps the next one.")

    def next_page(self) -> str:
        return resolve_url("web:trade", trade_id=self.kwargs["trade_id"])


class StepAction(ActionPage):
    """The steps that take no more than a button, or one choice."""

    def act(self) -> str | None:
        step = self._steps().get(self.kwargs["step"])
        if step is None:
            raise NotFound
        step(trade_id=self.kwargs["trade_id"], actor_id=self.member.pk)
        return None

    def _steps(self) -> dict[str, Callable[..., object]]:
        given = self.request.POST
        return {
            "paid": services.mark_paid,
            "cancel": services.cancel_trade,
            "cancel-request": services.request_cancel,
            "cancel-accept": services.accept_cancel,
            "cancel-reject": services.reject_cancel,
            "method": partial(payments.agree_on_method, payment_method=given.get("payment_method", "")),
            "account": partial(
                payments.choose_account, account_id=_uuid(given.get("account", "")), otp=given.get("otp", "")
            ),
        }

    def next_page(self) -> str:
        return resolve_url("web:trade", trade_id=self.kwargs["trade_id"])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
