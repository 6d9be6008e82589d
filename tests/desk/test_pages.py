"""Staff's pages: all of them answer, with a fixed number of queries, to staff alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Flag, KycSubmission, User
from disputes.models import Dispute
from iqx.core import clock
from iqx.desk import queues
from support.models import Ticket
from support.services import open_ticket
from tests.desk.conftest import pages_of
from tests.factories.accounts import make_user
from tests.factories.statements import recorded
from tests.factories.wallets import fund, withdraw
from trades.models import Trade
from wallets.models import Withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(
    dispute: Dispute, withdrawal: Withdrawal, ticket: Ticket, submission: KycSubmission, flag: Flag, buyer: User
) -> list[str]:
    return [
        reverse("admin:index"),
        *(reverse("desk:queue", args=[code]) for code in queues.BY_CODE),
        reverse("desk:dispute", args=[dispute.pk]),
        reverse("desk:withdrawal", args=[withdrawal.pk]),
        reverse("desk:kyc", args=[submission.pk]),
        reverse("desk:ticket", args=[ticket.pk]),
        reverse("desk:flag", args=[flag.pk]),
        reverse("desk:people"),
        reverse("desk:person", args=[buyer.pk]),
        reverse("desk:markets"),
        reverse("desk:market", args=["USDT-EUR"]),
        reverse("desk:announcements"),
    ]


def test_all_pages_answer_to_all_of_staff_and_to_nobody_else(
    addresses: list[str], support: User, chief: User, auditor: User, buyer: User
) -> None:
    for staff in (support, chief, auditor):
        client = pages_of(staff)
        for address in addresses:
            assert client.get(address).status_code == 200, address
    stranger = pages_of(buyer)
    for address in addresses:
        assert stranger.get(address).status_code == 302, address
        assert stranger.post(address, {"action": "approve"}).status_code == 302, address


def test_no_page_asks_more_for_more(
    addresses: list[str], chief: User, buyer: User, withdrawal: Withdrawal, dispute: Dispute
) -> None:
    client = pages_of(chief)

    def cost() -> dict[str, int]:
        found = {}
        for address in addresses:
            client.get(address)  # whatever is kept for later is kept now
            with recorded() as statements:
                client.get(address)
            found[address] = len(statements)
        return found

    before = cost()
    for number in range(6):
        open_ticket(user=buyer, subject=f"Another one, {number}", category="other", body="Please look.")
        fund(buyer, 300)
        withdraw(buyer, 50)
        fund(make_user(), 10)
    assert cost() == before


def test_the_front_page_shows_what_is_late_first(
    chief: User, withdrawal: Withdrawal, ticket: Ticket, dispute: Dispute
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(due_at=clock.now() - timedelta(hours=2))
    answer = pages_of(chief).get(reverse("admin:index"))
    late, *others = answer.context["urgent"]
    assert (late.queue, late.is_late, late.link) == ("tickets", True, reverse("desk:ticket", args=[ticket.pk]))
    assert [item.due_at for item in others] == sorted(item.due_at for item in others)
    standing = {summary.queue.code: (summary.count, summary.late) for summary in answer.context["queues"]}
    assert standing["tickets"] == (1, 1)
    assert standing["disputes"] == standing["withdrawals"] == (1, 0)
    assert standing["kyc"] == (0, 0)
    assert "2 h late" in answer.content.decode()


def test_what_is_stuck_is_told(chief: User, dispute: Dispute) -> None:
    assert pages_of(chief).get(reverse("admin:index")).context["stuck"] == []
    Trade.objects.update(deadline=clock.now() - timedelta(hours=1))
    (stuck,) = pages_of(chief).get(reverse("admin:index")).context["stuck"]
    assert (stuck.count, "deadline passed" in stuck.what) == (1, True)


@pytest.mark.parametrize("period", ["24h", "7d", "30d", "90d", "1y", "no-such"])
def test_the_charts_respond_to_a_period(chief: User, period: str) -> None:
    answer = pages_of(chief).get(reverse("admin:index"), {"period": period})
    shown = answer.context["series"]
    assert len(shown["platform"]["registered"]) == len(shown["labels"]) > 9
    assert (answer.context["period"].code == period) == (period != "no-such")
    page = answer.content.decode()
    assert "<script>" not in page.replace('<script id="desk-series" type="application/json">', "")


def test_people_are_found(chief: User, buyer: User, dispute: Dispute) -> None:
    def found(asked: str) -> list[Any]:
        return list(pages_of(chief).get(reverse("desk:people"), {"q": asked}).context["people"])

    assert buyer in found(buyer.email[:8].upper())
    assert found(str(buyer.pk)) == [buyer]
    assert set(found(dispute.trade.reference)) == {dispute.trade.buyer, dispute.trade.seller}
    assert found("nobody-like-this") == []


@pytest.mark.parametrize("name", ["dispute", "withdrawal", "deposit", "kyc", "ticket", "flag", "person"])
def test_what_is_not_there_is_not_found(chief: User, name: str) -> None:
    address = reverse(f"desk:{name}", args=[chief.pk if name != "person" else "00000000-0000-7000-8000-000000000000"])
    assert pages_of(chief).get(address).status_code == 404
