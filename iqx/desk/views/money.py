"""Withdrawals and deposits: what speaks for and against them, and the decision."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts import approvals
from accounts.models import Approval
from iqx.core.errors import NotFound
from iqx.desk import history
from iqx.desk.signals import signals_of
from iqx.desk.templatetags.desk import money
from iqx.desk.views.base import DeskPage, Form
from iqx.desk.views.neighbours import after
from wallets import services
from wallets.models import Deposit, Wallet, Withdrawal, WithdrawalStatus

_EARLIER = 8
_SENDING = (
    "An earlier withdrawal went to the same address.",
    "The account is verified, and nothing speaks against it.",
    "The user confirmed the address in a ticket.",
)
_ARRIVED = ("Seen on the network, with enough confirmations.", "Seen in the bank account.")


class WithdrawalPage(DeskPage):
    template = "desk/withdrawal.html"
    queue = "withdrawals"
    actions = ("approve", "reject")
    money_actions = frozenset({"approve"})

    def context(self, withdrawal_id: UUID) -> dict[str, Any]:
        withdrawal = Withdrawal.objects.select_related("user", "reviewed_by").filter(pk=withdrawal_id).first()
        if withdrawal is None:
            raise NotFound
        wallet = Wallet.objects.filter(pk=withdrawal.user_id).first()
        total = withdrawal.amount + withdrawal.fee
        return {
            "title": f"Withdrawal of {money(withdrawal.amount)} USDT",
            "withdrawal": withdrawal,
            "person": withdrawal.user,
            "wallet": wallet,
            "signals": signals_of(withdrawal),
            "waits": withdrawal.status == "pending",
            "grounds": _SENDING,
            "asked": approvals.approvals()
            .filter(kind=Approval.Kind.WITHDRAWAL, subject_id=withdrawal.pk, status=Approval.Status.PENDING)
            .first(),
            "sends": [
                (withdrawal.user.display_name, "", f"-{money(total)}"),
                (f"{withdrawal.address[:12]}…, out of IQX", f"+{money(withdrawal.amount)}", ""),
                ("IQX, for fees", f"+{money(withdrawal.fee)}", ""),
            ],
            "returns": [(withdrawal.user.display_name, f"+{money(total)}", f"-{money(total)}")],
            "earlier": _earlier(Withdrawal.objects.filter(user=withdrawal.user).exclude(pk=withdrawal.pk)),
            "deposits": _earlier(Deposit.objects.filter(user=withdrawal.user)),
            "entries": history.moves_of(withdrawal.user_id),
            "following": after(self.queue, withdrawal.pk),
        }

    def approve(self, form: Form, withdrawal_id: UUID) -> str:
        withdrawal = services.approve_withdrawal(withdrawal_id=withdrawal_id, actor=self.actor, reason=form.reason())
        if withdrawal.status == WithdrawalStatus.PENDING:
            return "Approved by you; above the limit another admin has to approve it, too."
        return "Approved, and sent."

    def reject(self, form: Form, withdrawal_id: UUID) -> str:
        services.reject_withdrawal(withdrawal_id=withdrawal_id, actor=self.actor, reason=form.reason()[:200])
        return "Rejected: the USDT are available to the user again, and he is told why."


class DepositPage(DeskPage):
    template = "desk/deposit.html"
    queue = "deposits"
    actions = ("confirm", "reject")
    money_actions = frozenset({"confirm"})

    def context(self, deposit_id: UUID) -> dict[str, Any]:
        deposit = Deposit.objects.select_related("user", "reviewed_by").filter(pk=deposit_id).first()
        if deposit is None:
            raise NotFound
        return {
            "title": f"Deposit of {money(deposit.amount)} USDT",
            "deposit": deposit,
            "person": deposit.user,
            "wallet": Wallet.objects.filter(pk=deposit.user_id).first(),
            "waits": deposit.status == "pending",
            "grounds": _ARRIVED,
            "earlier": _earlier(Deposit.objects.filter(user=deposit.user).exclude(pk=deposit.pk)),
            "following": after(self.queue, deposit.pk),
        }

    def confirm(self, form: Form, deposit_id: UUID) -> str:
        deposit = services.confirm_deposit(deposit_id=deposit_id, actor=self.actor, reason=form.reason())
        return f"Confirmed: {money(deposit.amount)} USDT are credited."

    def reject(self, form: Form, deposit_id: UUID) -> str:
        services.reject_deposit(deposit_id=deposit_id, actor=self.actor, reason=form.reason()[:200])
        return "Rejected: nothing is credited, and the user is told why."


def _earlier(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("-id")[:_EARLIER]
