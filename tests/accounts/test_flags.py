"""What rules found, and staff's decisions on it: once, with a name to it, and never about oneself."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Flag, User
from accounts.trust.flags import Finding, raise_flags
from accounts.trust.rules import NET_PURCHASES, RECEIPT_REUSE
from iqx.core import clock
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import auth_client, make_user

pytestmark = pytest.mark.django_db

FLAGS = "/api/admin/flags"


def flagged(user: User) -> Flag:
    because = RECEIPT_REUSE.explain(reference="IQX-7")
    raise_flags([Finding(RECEIPT_REUSE, Flag.Subject.TRADE, uuid4(), user.pk, because)])
    return Flag.objects.filter(user=user).latest("id")


def decide(staff: User, flag: Flag, what: str, **body: Any) -> Any:
    return auth_client(staff).post(f"{FLAGS}/{flag.id}/{what}", body, format="json")


@pytest.fixture
def support() -> User:
    return make_user(role="support")


@pytest.mark.parametrize(("what", "status"), [("clear", "cleared"), ("confirm", "confirmed")])
def test_staff_decide_once_and_it_is_kept_who_did(user: User, support: User, what: str, status: str) -> None:
    flag = flagged(user)
    (listed,) = auth_client(support).get(FLAGS).json()["results"]
    assert (listed["status"], listed["because"], listed["subject"]) == (
        "open", flag.because, {"kind": "trade", "id": str(flag.subject_id)},
    )  # fmt: skip
    answer = decide(support, flag, what, note="He showed his statement.")
    assert answer.status_code == 200
    assert answer.json() | {"decided_at": None} == listed | {
        "status": status,
        "due_at": None,
        "note": "He showed his statement.",
        "decided_by": {"id": str(support.pk), "display_name": support.display_name},
    }
    before = Flag.objects.values().get()
    for again in ("clear", "confirm"):
        refusal = decide(support, flag, again)
        assert (refusal.status_code, refusal.json()["code"]) == (409, "flag_wrong_status")
        assert refusal.json()["current_status"] == status
    assert Flag.objects.values().get() == before


def test_the_queue_is_filtered(user: User, support: User) -> None:
    first, second = flagged(user), flagged(make_user())
    decide(support, first, "clear")
    client = auth_client(support)
    assert [f["id"] for f in client.get(FLAGS, {"status": "open"}).json()["results"]] == [str(second.id)]
    assert [f["id"] for f in client.get(FLAGS, {"status": "cleared"}).json()["results"]] == [str(first.id)]
    assert len(client.get(FLAGS, {"code": RECEIPT_REUSE.code}).json()["results"]) == 2
    for query in ({"status": "no"}, {"code": NET_PURCHASES.code}):
        assert client.get(FLAGS, query).status_code == 400


def test_nobody_decides_about_himself_and_support_not_about_staff(support: User) -> None:
    admin, other = make_user(role="admin"), make_user(role="admin")
    about_admin, about_support = flagged(admin), flagged(support)
    clients = {who: auth_client(who) for who in (admin, support, other)}
    before = snapshot()
    for who, flag in ((admin, about_admin), (support, about_support), (support, about_admin)):
        assert clients[who].post(f"{FLAGS}/{flag.id}/clear", {}, format="json").status_code == 403
    assert snapshot() == before
    assert clients[other].post(f"{FLAGS}/{about_admin.id}/clear", {}, format="json").status_code == 200
    assert clients[other].post(f"{FLAGS}/{uuid4()}/clear", {}, format="json").status_code == 404


def test_a_subject_has_one_open_flag_of_a_code_and_the_database_insists(user: User, support: User) -> None:
    flag = flagged(user)
    values = Flag.objects.filter(pk=flag.pk).values().get() | {"id": uuid4()}
    with pytest.raises(IntegrityError, match="one_open"), transaction.atomic():
        Flag.objects.create(**values)
    decide(support, flag, "clear")
    Flag.objects.create(**values)
    with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(decided_by=user)
    with pytest.raises(IntegrityError, match="waits_or_is_decided"), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(status="open")


def test_a_rule_that_acts_by_itself_raises_no_flags(user: User) -> None:
    with pytest.raises(ValueError, match=NET_PURCHASES.code):
        raise_flags([Finding(NET_PURCHASES, Flag.Subject.USER, user.pk, user.pk, "Because.")])


@pytest.mark.parametrize(("action", "status"), [("clear", "cleared"), ("confirm", "confirmed")])
def test_support_decides_on_the_staff_pages(user: User, support: User, action: str, status: str) -> None:
    browser, mine, others = Browser(), flagged(support), flagged(user)
    browser.force_login(support)
    page = reverse("admin:accounts_flag_changelist")
    assert others.because in browser.get(page).content.decode()
    browser.post(page, {"action": action, "_selected_action": [str(mine.pk), str(others.pk)], "reason": "As seen."})
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.status, others.status, others.decided_by) == ("open", status, support)
    assert others.decided_at is not None
    assert others.decided_at <= clock.now()
