"""Deadlines, reopening, ratings, assignment, files, links and canned answers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from support.models import CannedAnswer, Ticket
from support.services import answer_ticket, close_own_ticket, close_ticket, open_ticket, reply, tend_tickets
from support.tasks import page_staff
from tests.factories.accounts import make_user
from tests.factories.files import upload
from tests.factories.orders import MovedClock, make_market, make_trader, trade_between
from tests.factories.trading import moved_clock
from tests.support.conftest import QUESTION, client_of, everything, post

__all__ = ["moved_clock"]

pytestmark = pytest.mark.django_db

ADMIN = "/api/admin/tickets"
DAY = 86_400


@pytest.fixture
def ticket(moved_clock: MovedClock, user: User) -> Ticket:
    return open_ticket(user=user, **QUESTION)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The private storage, in a folder of this test's own."""
    private = settings.STORAGES["private"]
    settings.STORAGES = settings.STORAGES | {
        "private": private | {"OPTIONS": private["OPTIONS"] | {"location": tmp_path}}
    }
    return tmp_path


def test_staff_who_owe_an_answer_are_paged_again_and_again(
    ticket: Ticket, staff: User, moved_clock: MovedClock, settings: Settings
) -> None:
    moved_clock.pass_by(DAY - 1)
    before = everything()
    assert tend_tickets() == 0
    assert everything() == before
    moved_clock.pass_by(1)
    assert (tend_tickets(), tend_tickets()) == (1, 0)
    assert ProcrastinateJob.objects.filter(task_name="support.page_staff").count() == 1
    ticket.refresh_from_db()
    assert (ticket.status, ticket.due_at) == ("open", moved_clock.time + timedelta(days=1))
    settings.STAFF_EMAIL = "staff@iqx.example"
    page_staff(ticket_id=str(ticket.id))
    post(staff, f"{ADMIN}/{ticket.id}/assign")
    page_staff(ticket_id=str(ticket.id))
    assert [letter.to for letter in mail.outbox] == [["staff@iqx.example"], [staff.email]]


def test_a_ticket_whose_owner_falls_silent_closes_by_itself(
    ticket: Ticket, staff: User, moved_clock: MovedClock
) -> None:
    answer_ticket(ticket_id=ticket.id, actor=staff, body="Which network?")
    moved_clock.pass_by(7 * DAY)
    assert tend_tickets() == 1
    ticket.refresh_from_db()
    assert (ticket.status, ticket.closed_by, ticket.due_at) == ("closed", "system", None)


def test_a_message_opens_again_what_the_owner_did_not_close(
    ticket: Ticket, user: User, staff: User, moved_clock: MovedClock
) -> None:
    close_ticket(ticket_id=ticket.id, actor=staff)
    moved_clock.pass_by(7 * DAY - 1)
    answer = post(user, f"tickets/{ticket.id}/messages", body="It is still away.")
    assert (answer.status_code, answer.json()["status"], answer.json()["closed_at"]) == (201, "waiting_staff", None)
    close_ticket(ticket_id=ticket.id, actor=staff)
    moved_clock.pass_by(7 * DAY)
    before = everything()
    assert post(user, f"tickets/{ticket.id}/messages", body="Too late").json()["code"] == "ticket_closed"
    assert everything() == before


def test_a_closed_ticket_is_rated_once(ticket: Ticket, user: User, stranger: User, staff: User) -> None:
    path = f"tickets/{ticket.id}/rating"
    assert post(user, path, rating=5).json()["code"] == "ticket_not_closed"
    close_ticket(ticket_id=ticket.id, actor=staff)
    for bad in ({"rating": 0}, {"rating": 6}, {"rating": "x"}, {}, {"rating": 5, "comment": "x" * 1001}):
        assert post(user, path, **bad).json()["code"] == "validation_error"
    assert post(stranger, path, rating=1).status_code == 404
    rated = post(user, path, rating=4, comment="Quick.")
    assert (rated.status_code, rated.json()["rating"], rated.json()["rating_comment"]) == (201, 4, "Quick.")
    before = everything()
    assert post(user, path, rating=1).json()["code"] == "ticket_rated"
    assert everything() == before


def test_the_times_of_service_are_counted(ticket: Ticket, user: User, staff: User, moved_clock: MovedClock) -> None:
    nothing = client_of(staff).get("/api/admin/support/service").json()
    assert (nothing["opened"], nothing["first_answer_seconds"], nothing["rating"]) == (1, None, None)
    moved_clock.pass_by(60)
    answer_ticket(ticket_id=ticket.id, actor=staff, body="Which network?")
    moved_clock.pass_by(60)
    answer_ticket(ticket_id=ticket.id, actor=staff, body="Here it is.")
    close_own_ticket(ticket_id=ticket.id, user=user)
    post(user, f"tickets/{ticket.id}/rating", rating=5)
    seen = client_of(staff).get(f"{ADMIN}/{ticket.id}").json()
    assert (seen["first_answer_seconds"], seen["resolution_seconds"]) == (60, 120)
    assert client_of(staff).get("/api/admin/support/service").json() == {
        "opened": 1, "closed": 1, "rated": 1, "rating": "5.00", "first_answer_seconds": 60, "resolution_seconds": 120,
    }  # fmt: skip


def test_a_ticket_is_assigned_to_staff(ticket: Ticket, user: User, staff: User) -> None:
    colleague = make_user(role="admin")
    assigned = post(staff, f"{ADMIN}/{ticket.id}/assign", assignee=str(colleague.id)).json()
    assert (assigned["assignee"]["id"], assigned["status"]) == (str(colleague.id), "open")
    before = everything()
    assert post(staff, f"{ADMIN}/{ticket.id}/assign", assignee=str(user.id)).status_code == 400
    assert post(user, f"{ADMIN}/{ticket.id}/assign").status_code == 403
    assert everything() == before


def test_one_account_has_so_many_live_tickets(ticket: Ticket, user: User, settings: Settings) -> None:
    settings.MAX_OPEN_TICKETS = 1
    before = everything()
    refused = post(user, "tickets", **QUESTION)
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (422, "too_many_tickets", 1)
    assert everything() == before
    close_own_ticket(ticket_id=ticket.id, user=user)
    assert post(user, "tickets", **QUESTION).status_code == 201


def test_a_ticket_is_about_a_trade_or_order_of_ones_own() -> None:
    make_market()
    seller, buyer, stranger = make_trader(), make_trader(0), make_user()
    trade = trade_between(seller, buyer)
    asked = post(seller, "tickets", **QUESTION, trade=str(trade.id), order=str(trade.sell_order_id)).json()
    assert (asked["trade"], asked["order"]) == (str(trade.id), str(trade.sell_order_id))
    before = everything()
    for person, about in ((stranger, {"trade": str(trade.id)}), (buyer, {"order": str(trade.sell_order_id)})):
        refused = post(person, "tickets", **QUESTION, **about)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, next(iter(about)))
    assert everything() == before


def test_files_come_with_questions_and_answers(user: User, staff: User, stranger: User, folder: Path) -> None:
    def send(person: User, path: str, **form: Any) -> Any:
        return client_of(person).post(path, form, format="multipart")

    asked = send(user, "/api/v1/support/tickets", **QUESTION, file=upload())
    assert asked.status_code == 201
    (file,) = asked.json()["messages"][0]["files"]
    assert client_of(user).get(file["url"]).status_code == 200
    ticket = asked.json()["id"]
    answered = send(staff, f"{ADMIN}/{ticket}/answer", body="So do", file=[upload(name="a.png"), upload(name="b.png")])
    assert [f["name"] for f in answered.json()["messages"][1]["files"]] == ["a.png", "b.png"]
    before = everything()
    path = f"/api/v1/support/tickets/{ticket}/messages"
    assert send(user, path, body="x", file=upload(b"<html>", "x.html")).json()["code"] == "file_refused"
    assert send(user, path, body="x", file=[upload()] * 6).json()["code"] == "payload_too_large"
    assert send(stranger, path, body="x", file=upload()).status_code == 404
    assert everything() == before


def test_staff_keep_answers_that_they_give_often(staff: User, user: User) -> None:
    address = "/api/admin/canned-answers"
    kept = post(staff, address, title="Networks", category="deposit", body="We take these networks.")
    assert kept.status_code == 201
    assert client_of(staff).get(address).json()["results"] == [kept.json()]
    before = everything()
    assert post(staff, address, title="Networks", body="Again").json()["errors"][0]["field"] == "title"
    assert post(user, address, title="Mine", body="x").status_code == 403
    assert everything() == before
    assert client_of(staff).delete(f"{address}/{kept.json()['id']}").status_code == 204
    assert client_of(staff).delete(f"{address}/{kept.json()['id']}").status_code == 404
    assert not CannedAnswer.objects.exists()


def test_writing_on_does_not_reopen_what_its_owner_closed(ticket: Ticket, user: User) -> None:
    close_own_ticket(ticket_id=ticket.id, user=user)
    with pytest.raises(Exception, match="open a new one"):
        reply(ticket_id=ticket.id, user=user, body="x")
