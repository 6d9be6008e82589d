"""What takes two people waits in a queue of its own, and happens when another admin approves."""

from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Approval, Role, User
from tests.desk.conftest import act, pages_of
from tests.factories.accounts import make_user
from tests.factories.wallets import fund, withdraw
from wallets.models import Withdrawal

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
        act(nobody, address, "approve")
        assert User.objects.get(pk=buyer.pk).role == Role.USER
    assert "Joins the team." in pages_of(second).get(address).content.decode()
    act(second, address, "approve")
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
    act(chief, address, "approve")
    act(chief, address, "approve")
    assert Withdrawal.objects.get().status == "pending"
    assert f"{chief.display_name} approves it" in pages_of(second).get(address).content.decode()
    act(second, address, "approve")
    assert Withdrawal.objects.get().status == "confirmed"
