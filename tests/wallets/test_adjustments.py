from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from iqx.core.errors import NotAllowed
from iqx.core.ids import new_id
from tests.factories.wallets import balance_of
from wallets.audit import audit
from wallets.errors import InsufficientFunds, MoneyRequestNotFound, SecondPersonRequired, WrongRequestStatus
from wallets.models import Adjustment, AdjustmentStatus, Transfer
from wallets.services import approve_adjustment, reject_adjustment, request_adjustment

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(funded: User, admin_user: User) -> Adjustment:
    return request_adjustment(user=funded, amount=Decimal(-30), reason="Paid twice", actor=admin_user)


def test_asking_for_an_adjustment_moves_nothing(funded: User, asked: Adjustment) -> None:
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_another_admin_makes_the_adjustment(funded: User, asked: Adjustment, second_admin: User) -> None:
    approve_adjustment(adjustment_id=asked.id, actor=second_admin)
    assert balance_of(funded) == (Decimal(970), Decimal(0))
    assert Transfer.objects.get(ref_id=asked.id).memo == "Paid twice"
    assert audit() == []


def test_nobody_approves_his_own_adjustment(funded: User, asked: Adjustment, admin_user: User) -> None:
    with pytest.raises(SecondPersonRequired):
        approve_adjustment(adjustment_id=asked.id, actor=admin_user)
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    assert Adjustment.objects.get(pk=asked.pk).status == AdjustmentStatus.PENDING


def test_nobody_decides_on_an_adjustment_of_his_own_balance(admin_user: User, second_admin: User) -> None:
    asked = request_adjustment(user=second_admin, amount=Decimal(30), reason="A bonus", actor=admin_user)
    for decide in (approve_adjustment, reject_adjustment):
        with pytest.raises(SecondPersonRequired):
            decide(adjustment_id=asked.id, actor=second_admin)
    with pytest.raises(IntegrityError, match="wallets_adjustment_decided_by_another"), transaction.atomic():
        Adjustment.objects.filter(pk=asked.pk).update(
            status=AdjustmentStatus.APPROVED, decided_by=second_admin, decided_at=asked.created_at
        )
    assert not Transfer.objects.exists()
    assert Adjustment.objects.get(pk=asked.pk).status == AdjustmentStatus.PENDING


def test_the_database_wants_a_second_person_too(asked: Adjustment, admin_user: User) -> None:
    with pytest.raises(IntegrityError, match="wallets_adjustment_two_persons"), transaction.atomic():
        Adjustment.objects.filter(pk=asked.pk).update(
            status=AdjustmentStatus.APPROVED, decided_by=admin_user, decided_at=asked.created_at
        )
    assert Adjustment.objects.get(pk=asked.pk).status == AdjustmentStatus.PENDING


def test_a_decided_adjustment_stays_decided(funded: User, asked: Adjustment, second_admin: User) -> None:
    reject_adjustment(adjustment_id=asked.id, actor=second_admin)
    with pytest.raises(WrongRequestStatus):
        approve_adjustment(adjustment_id=asked.id, actor=second_admin)
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_support_neither_asks_nor_decides(funded: User, asked: Adjustment, support: User) -> None:
    with pytest.raises(NotAllowed):
        request_adjustment(user=funded, amount=Decimal(1), reason="Please", actor=support)
    with pytest.raises(NotAllowed):
        approve_adjustment(adjustment_id=asked.id, actor=support)
    assert Adjustment.objects.count() == 1
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_an_adjustment_cannot_overdraw(funded: User, admin_user: User, second_admin: User) -> None:
    asked = request_adjustment(user=funded, amount=Decimal(-1001), reason="Too much", actor=admin_user)
    with pytest.raises(InsufficientFunds):
        approve_adjustment(adjustment_id=asked.id, actor=second_admin)
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    assert Adjustment.objects.get(pk=asked.pk).status == AdjustmentStatus.PENDING


def test_an_unknown_adjustment_is_not_found(admin_user: User) -> None:
    with pytest.raises(MoneyRequestNotFound):
        approve_adjustment(adjustment_id=new_id(), actor=admin_user)
