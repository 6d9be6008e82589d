import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from disputes.models import Dispute, DisputeEntry
from tests.disputes.snapshots import everything
from tests.factories.orders import fresh
from tests.factories.wallets import balance_of
from wallets.audit import audit

pytestmark = pytest.mark.django_db

LIST = "admin:disputes_dispute_changelist"


def pages_of(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def run(client: Client, action: str, row: Dispute, **fields: str) -> str:
    """Tick one row of the list, run the action, and return the page that follows."""
    answer = client.post(reverse(LIST), {"action": action, "_selected_action": str(row.pk), **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_staff_see_the_queue(dispute: Dispute, support: User, seller: User, buyer: User) -> None:
    client = pages_of(support)
    page = client.get(reverse(LIST)).content.decode()
    for told in (dispute.trade.reference, seller.email, buyer.email, "100.000000 USDT"):
        assert told in page
    assert client.get(reverse(LIST), {"q": "no-such", "status__exact": "open"}).status_code == 200
    page = client.get(reverse("admin:disputes_dispute_change", args=[dispute.pk])).content.decode()
    assert "I paid an hour ago." in page


def test_staff_see_the_entries(dispute: Dispute, support: User) -> None:
    client = pages_of(support)
    assert client.get(reverse("admin:disputes_disputeentry_changelist"), {"q": "hour"}).status_code == 200
    entry = DisputeEntry.objects.get()
    assert client.get(reverse("admin:disputes_disputeentry_change", args=[entry.pk])).status_code == 200


@pytest.mark.parametrize("model", ["dispute", "disputeentry"])
def test_nothing_can_be_edited(dispute: Dispute, admin_user: User, model: str) -> None:
    client = pages_of(admin_user)
    before = everything()
    key = dispute.pk if model == "dispute" else DisputeEntry.objects.get().pk
    assert client.get(reverse(f"admin:disputes_{model}_add")).status_code == 403
    for page in ("change", "delete"):
        body = {"status": "resolved", "note": "x", "post": "yes"}
        assert client.post(reverse(f"admin:disputes_{model}_{page}", args=[key]), body).status_code == 403
    assert everything() == before


def test_support_takes_a_dispute(dispute: Dispute, support: User) -> None:
    assert "done." in run(pages_of(support), "assign_to_me", dispute)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.assignee) == ("in_review", support)


def test_support_is_offered_no_ruling(dispute: Dispute, support: User) -> None:
    before = everything()
    for action in ("release", "refund"):
        run(pages_of(support), action, dispute, reason="Please")
    assert everything() == before


@pytest.mark.parametrize(("action", "status", "bought"), [("release", "released", 100), ("refund", "refunded", 0)])
def test_an_admin_rules(dispute: Dispute, admin_user: User, buyer: User, action: str, status: str, bought: int) -> None:
    assert "done." in run(pages_of(admin_user), action, dispute, reason="As the papers show")
    assert fresh(dispute.trade).status == status
    assert balance_of(buyer)[0] == bought
    assert DisputeEntry.objects.get(action="resolved").note == "As the papers show"
    assert audit() == []


def test_a_ruling_says_why(dispute: Dispute, admin_user: User) -> None:
    before = everything()
    assert "Say why" in run(pages_of(admin_user), "release", dispute, reason="  ")
    assert everything() == before


def test_a_refused_ruling_says_so(dispute: Dispute, admin_user: User) -> None:
    client = pages_of(admin_user)
    run(client, "refund", dispute, reason="No payment came")
    before = everything()
    assert "The dispute is closed" in run(client, "release", dispute, reason="On second thoughts")
    assert everything() == before
