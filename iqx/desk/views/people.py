"""A person: everything that is known, and what staff may do about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import services
from accounts.models import ApiKey, Flag, KycSubmission, PaymentAccount, Role, SecurityAlert, Session, User
from accounts.trust.selectors import records_of
from accounts.trust.services import lift_pause
from disputes.models import Dispute
from iqx.core import clock
from iqx.core.errors import Invalid, NotFound
from iqx.desk import history
from iqx.desk.views.base import DeskPage, Form
from orders.models import Order
from support.models import Ticket
from trades.models import Feedback, Trade
from wallets.holds import holds_on
from wallets.models import Deposit, Wallet, Withdrawal, WithdrawalAddress
from wallets.services import request_adjustment

_SHOWN = 8
_FOUND = 50


class PeoplePage(DeskPage):
    template = "desk/people.html"
    title = "People"

    def context(self) -> dict[str, Any]:
        asked = self.request.GET.get("q", "").strip()[:100]
        return {"asked": asked, "people": list(find_people(asked)[:_FOUND]), "found": _FOUND}


def find_people(asked: str) -> QuerySet[User]:
    """By the beginning of the e-mail, by id, by a trade's reference; the newest, if nothing is asked for.

    Each is a look-up in an index, however many people there are.
    """
    everybody = User.objects.order_by("-id")
    if not asked:
        return everybody
    try:
        return everybody.filter(pk=UUID(asked))
    except ValueError:
        pass
    if asked.upper().startswith("IQX-"):
        parties = Trade.objects.filter(reference=asked.upper()).values_list("buyer", "seller")
        return everybody.filter(pk__in=[person for pair in parties for person in pair])
    return User.objects.filter(email__startswith=asked.lower()).order_by("email")


class PersonPage(DeskPage):
    template = "desk/person.html"
    actions = ("suspend", "reinstate", "log_out", "reset_two_factor", "lift_pause", "change_role", "adjust")

    def context(self, user_id: UUID) -> dict[str, Any]:
        person = User.objects.filter(pk=user_id).first()
        if person is None:
            raise NotFound
        now = clock.now()
        mine = Q(buyer=person) | Q(seller=person)
        return {
            "title": person.display_name,
            "person": person,
            "wallet": Wallet.objects.filter(pk=person.pk).first(),
            "record": records_of([person.pk])[person.pk],
            "is_paused": person.trading_paused_until is not None and person.trading_paused_until > now,
            "is_held": person.withdrawals_held_until is not None and person.withdrawals_held_until > now,
            "holds": holds_on(person, now),
            "entries": history.moves_of(person.pk),
            "trades": Trade.objects.filter(mine).select_related("buyer", "seller").order_by("-id")[:_SHOWN],
            "orders": Order.objects.filter(owner=person, status__in=Order.LIVE)[:_SHOWN],
            "disputes": Dispute.objects.filter(Q(trade__buyer=person) | Q(trade__seller=person))
            .select_related("trade")
            .order_by("-id")[:_SHOWN],
            "withdrawals": Withdrawal.objects.filter(user=person).order_by("-id")[:_SHOWN],
            "deposits": Deposit.objects.filter(user=person).order_by("-id")[:_SHOWN],
            "roles": Role.choices,
            "acts": history.acts_about(person.pk),
            **_account(person),
        }

    def suspend(self, form: Form, user_id: UUID) -> str:
        self._act(services.suspend_user, form, user_id)
        return "Suspended: every session has ended, and the orders in the book are being cancelled."

    def reinstate(self, form: Form, user_id: UUID) -> str:
        self._act(services.reinstate_user, form, user_id)
        return "Reinstated: the person may log in again."

    def log_out(self, form: Form, user_id: UUID) -> str:
        ended = self._act(services.log_out_user, form, user_id)
        return f"Logged out: {ended} sessions ended."

    def reset_two_factor(self, form: Form, user_id: UUID) -> str:
        self._act(services.ask_for_two_factor_reset, form, user_id)
        return "Asked for: the second factor is taken away when an admin approves."

    def lift_pause(self, form: Form, user_id: UUID) -> str:
        self._act(lift_pause, form, user_id)
        return "The person may trade again."

    def change_role(self, form: Form, user_id: UUID) -> str:
        role = form.text("role")
        if role not in Role.values:
            raise Invalid("Choose a role.", field="role")
        self._act(services.ask_for_role, form, user_id, role=Role(role))
        return f"Asked for: the role is {role} when another admin approves."

    def adjust(self, form: Form, user_id: UUID) -> str:
        direction, amount = form.text("direction"), form.amount("amount")
        if direction not in {"add", "take"} or amount <= 0:
            raise Invalid("Say what to add or to take.", field="amount")
        person = User.objects.filter(pk=user_id).first()
        if person is None:
            raise NotFound
        signed = amount if direction == "add" else -amount
        request_adjustment(user=person, amount=signed, reason=form.reason()[:200], actor=self.actor)
        return "Asked for: the balance is corrected when another admin approves."

    def _act(self, use_case: Callable[..., Any], form: Form, user_id: UUID, **more: object) -> Any:  # noqa: ANN401
        """Carry a use case out for a reason, which it writes down."""
        return use_case(user_id=user_id, actor_id=self.actor.pk, reason=form.reason(), **more)


def _account(person: User) -> dict[str, Any]:
    """What surrounds the account."""
    return {
        "tickets": Ticket.objects.filter(user=person).order_by("-id")[:_SHOWN],
        "submissions": KycSubmission.objects.filter(user=person).order_by("-id")[:_SHOWN],
        "flags": Flag.objects.filter(user=person).order_by("-id")[:_SHOWN],
        "sessions": Session.objects.filter(user=person).order_by("-last_used_at")[:_SHOWN],
        "alerts": SecurityAlert.objects.filter(user=person).order_by("-id")[:_SHOWN],
        "keys": ApiKey.objects.filter(user=person, revoked_at=None)[:_SHOWN],
        "accounts": PaymentAccount.objects.filter(user=person, valid_until=None).select_related("method")[:_SHOWN],
        "addresses": WithdrawalAddress.objects.filter(user=person)[:_SHOWN],
        "feedback": Feedback.objects.filter(subject=person).select_related("author").order_by("-id")[:_SHOWN],
    }
