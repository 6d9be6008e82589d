"""What takes two people waits in a queue of its own, and happens when another admin approves."""

from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.approvals import expire_approvals
from accounts.models import Approval, Role, User
from iqx.core.models import AuditRecord
from tests.desk.conftest import act, pages_of
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock
from tests.factories.trading import moved_clock
from tests.factories.wallets import balance_of, fund, withdraw
from wallets.audit import audit
from wallets.models import Adjustment, Withdrawal
from wallets.services import request_adjustment

__all__ = ["moved_clock"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(db: None) -> User:
    return make_user(role=Role.ADMIN, display_name="Sam Second")


def page(name: str, *arguments: object) -> str:
    return reverse(f"desk:{name}", args=arguments)


def test_a_role_is_changed_by_two(chief: User, second: User, support: User, buyer: User) -> None:
    act(chief, page("person", buyer.pk), "change_role", role="support", reason="Joins the team.")
    assert User.objects.get(pk=buyer.pk).role == Role.USER
    approval = Approval.objects.get()
    address = page("approval", approval.pk)
    (item,) = pages_of(second).get(page("queue", "approvals")).context["items"]
    assert item.link == address
    for nobody in (chief, support):
        assert ">Approve</button>" not in pages_of(nobody).get(address).content.decode()
        act(nobody, address, "approve", reason="Mine.")
        assert User.objects.get(pk=buyer.pk).role == Role.USER
    assert "Joins the team." in pages_of(second).get(address).content.decode()
    act(second, address, "approve", reason="I know her.")
    assert User.objects.get(pk=buyer.pk).role == Role.SUPPORT


def test_what_is_asked_for_is_refused_or_taken_back(chief: User, second: User, buyer: User) -> None:
    for person, action in ((second, "refuse"), (chief, "take_back")):
        act(chief, page("person", buyer.pk), "change_role", role="admin", reason="Why not.")
        approval = Approval.objects.get(status=Approval.Status.PENDING)
        act(person, page("approval", approval.pk), action, reason="No.")
        assert not Approval.objects.filter(status=Approval.Status.PENDING).exists()
        assert User.objects.get(pk=buyer.pk).role == Role.USER


def test_a_large_withdrawal_is_sent_by_two(chief: User, second: User, buyer: User, settings: Settings) -> None:
    settings.WITHDRAWAL_SECOND_PERSON_ABOVE = Decimal(100)
    fund(buyer, 500)
    withdrawal = withdraw(buyer, 200)
    address = page("withdrawal", withdrawal.pk)
    assert "Ask a second admin to send" in pages_of(chief).get(address).content.decode()
    for _ in range(2):
        act(chief, address, "approve", reason="He bought a house.")
    assert Withdrawal.objects.get().status == "pending"
    assert f"{chief.display_name} approves it" in pages_of(second).get(address).content.decode()
    act(second, address, "approve", reason="I saw the contract.")
    assert Withdrawal.objects.get().status == "confirmed"


def test_a_balance_is_corrected_by_two(chief: User, second: User, support: User, buyer: User) -> None:
    fund(buyer, 100)
    person, wish = page("person", buyer.pk), {"direction": "take", "amount": "30", "reason": "Paid twice."}
    for who, wrong in ((support, {}), (chief, {"amount": "-3"}), (chief, {"amount": "1e-7"}), (chief, {"reason": ""})):
        act(who, person, "adjust", **wish | wrong)
    assert not Adjustment.objects.exists()
    act(chief, person, "adjust", **wish)
    asked = Approval.objects.get()
    (item,) = pages_of(second).get(page("queue", "approvals")).context["items"]
    assert (item.link, item.stake) == (page("approval", asked.pk), "-30.00 USDT")
    assert "-30.00" in pages_of(second).get(item.link).content.decode()
    act(chief, item.link, "approve", reason="Mine.")
    assert balance_of(buyer)[0] == 100
    act(second, item.link, "approve", reason="The bank says so.")
    assert (balance_of(buyer)[0], Adjustment.objects.get().decided_by) == (70, second)
    assert AuditRecord.objects.get(action="adjustment_approved").reason == "The bank says so."
    assert audit() == []


@pytest.mark.parametrize(
    ("action", "status"), [("refuse", "rejected"), ("take_back", "dropped"), ("expire", "dropped")]
)
def test_a_correction_that_is_not_approved_moves_nothing(
    chief: User, second: User, buyer: User, settings: Settings, moved_clock: MovedClock, action: str, status: str
) -> None:
    fund(buyer, 100)
    asked = request_adjustment(user=buyer, amount=Decimal(5), reason="Goodwill.", actor=chief)
    if action == "expire":
        moved_clock.pass_by(settings.APPROVAL_SECONDS)
        assert expire_approvals() == 1
    else:
        who = second if action == "refuse" else chief
        act(who, page("approval", Approval.objects.get().pk), action, reason="No.")
    asked.refresh_from_db()
    assert (asked.status, asked.due_at, balance_of(buyer)[0]) == (status, None, 100)
