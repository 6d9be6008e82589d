"""What should have moved on by itself is found, counted, and told once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from iqx.core import maintenance
from iqx.ops import readings
from iqx.ops.tasks import tell_of_stuck
from orders.models import Order
from orders.services import place_orders
from support.services import open_ticket
from tests.factories.orders import MovedClock, new_order, trade_between
from tests.factories.wallets import withdraw

pytestmark = pytest.mark.django_db


def counted(name: str) -> dict[str, int]:
    return {labels["kind"]: count for labels, count in readings.renew(readings.STATE)[name] if count}


def jobs_to_tell() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'ops.tell_of_stuck'")
        return int(cursor.fetchone()[0])


def test_what_the_worker_did_not_do_is_stuck(
    seller: User, buyer: User, moved_clock: MovedClock, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STAFF_EMAIL = "staff@iqx.example"
    trade = trade_between(seller, buyer)
    place_orders(owner=seller, new=[new_order("sell", 1, 10)])  # and its server dies
    assert counted("stuck") == {}
    call_command("stuck")
    moved_clock.pass_by(1800 + 60)
    assert counted("stuck") == {"order": 1}
    moved_clock.pass_by(120)
    for _ in range(3):
        assert counted("stuck") == {"order": 1, "trade": 1}
    assert jobs_to_tell() == 2  # once for each kind that became stuck
    with pytest.raises(CommandError, match="2 stuck"):
        call_command("stuck")
    assert f"{trade.id} awaiting_payment   for 3.0 min" in capsys.readouterr().out
    tell_of_stuck()
    (message,) = mail.outbox
    assert str(trade.id) in message.body
    maintenance.begin(reason="One.", by="somebody")
    assert counted("stuck") == {}


def test_what_staff_owe_is_overdue(seller: User, moved_clock: MovedClock) -> None:
    withdraw(seller, 5)
    open_ticket(user=seller, subject="Help", category="other", body="Please.")
    assert counted("overdue") == {}
    moved_clock.pass_by(timedelta(days=3).total_seconds())
    assert counted("overdue") == {"withdrawal": 1, "ticket": 1}
    with pytest.raises(CommandError, match="2 overdue"):
        call_command("stuck", overdue=True)
    assert Order.objects.count() == 0
