from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core.errors import NotAllowed
from iqx.core.events import user_stream
from iqx.core.models import Event
from support import services
from support.api import serializers
from support.models import Ticket
from support.representations import staff_ticket_json, ticket_json
from support.services import answer_ticket, close_own_ticket, close_ticket, open_ticket, reply
from tests.factories.accounts import make_user
from tests.support.conftest import QUESTION, client_of, everything, post

pytestmark = pytest.mark.django_db

ADMIN = "/api/admin/tickets"


def news_for(user: User) -> list[dict[str, Any]]:
    rows = Event.objects.filter(stream_id=user_stream(user.id), type="ticket_updated").order_by("seq")
    return [row.data for row in rows]


def test_a_user_asks_something(user: User) -> None:
    answer = post(user, "tickets", **QUESTION)
    assert answer.status_code == 201
    asked = answer.json()
    assert (asked["subject"], asked["category"], asked["status"]) == ("Where is my deposit?", "deposit", "open")
    assert [(m["from_staff"], m["body"]) for m in asked["messages"]] == [(False, "I sent 100 USDT.")]
    assert asked["closed_at"] is None
    assert news_for(user) == [asked]
    client = client_of(user)
    assert client.get("/api/v1/support/tickets").json()["results"] == [asked]
    assert client.get(f"/api/v1/support/tickets/{asked['id']}").json() == asked


def test_a_conversation_goes_to_and_fro(user: User, staff: User, ticket: Ticket) -> None:
    answered = post(staff, f"{ADMIN}/{ticket.id}/answer", body="Which network?")
    assert (answered.status_code, answered.json()["status"]) == (201, "waiting_user")
    assert answered.json()["assignee"]["id"] == str(staff.id)
    replied = post(user, f"tickets/{ticket.id}/messages", body="The sandbox.")
    assert (replied.status_code, replied.json()["status"]) == (201, "waiting_staff")
    assert [(m["from_staff"], m["body"]) for m in replied.json()["messages"]] == [
        (False, "I sent 100 USDT."),
        (True, "Which network?"),
        (False, "The sandbox."),
    ]
    closed = post(user, f"tickets/{ticket.id}/close")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    assert closed.json()["closed_at"] is not None
    assert [told["status"] for told in news_for(user)] == ["open", "waiting_user", "waiting_staff", "closed"]
    assert news_for(user)[-1] == closed.json()


def test_who_answers_first_stays_the_assignee(staff: User, ticket: Ticket) -> None:
    answer_ticket(ticket_id=ticket.id, actor=staff, body="Which network?")
    answered = post(make_user(role="admin"), f"{ADMIN}/{ticket.id}/answer", body="And when?")
    assert answered.json()["assignee"]["id"] == str(staff.id)


def test_the_user_is_not_told_who_answered(user: User, staff: User, ticket: Ticket) -> None:
    answer_ticket(ticket_id=ticket.id, actor=staff, body="Which network?")
    shown = client_of(user).get(f"/api/v1/support/tickets/{ticket.id}").content.decode()
    assert str(staff.id) not in shown
    assert staff.display_name not in shown


def test_staff_close_a_ticket(staff: User, ticket: Ticket) -> None:
    closed = post(staff, f"{ADMIN}/{ticket.id}/close")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")


@pytest.mark.parametrize("path", ["messages", "close"])
def test_a_closed_ticket_takes_nothing_more(user: User, ticket: Ticket, path: str) -> None:
    close_own_ticket(ticket_id=ticket.id, user=user)
    before = everything()
    answer = post(user, f"tickets/{ticket.id}/{path}", body="One more thing")
    assert (answer.status_code, answer.json()["code"]) == (409, "ticket_closed")
    assert everything() == before


@pytest.mark.parametrize("path", ["answer", "close"])
def test_staff_add_nothing_to_a_closed_ticket(user: User, staff: User, ticket: Ticket, path: str) -> None:
    close_own_ticket(ticket_id=ticket.id, user=user)
    before = everything()
    answer = post(staff, f"{ADMIN}/{ticket.id}/{path}", body="One more thing")
    assert (answer.status_code, answer.json()["code"]) == (409, "ticket_closed")
    assert everything() == before


@pytest.mark.parametrize(
    "fault",
    [
        {"subject": " "},
        {"subject": "x" * 201},
        {"category": ""},
        {"body": ""},
        {"body": "x" * 5001},
        {"body": None},
        {"body": ["x"]},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(user: User, fault: dict[str, Any]) -> None:
    answer = post(user, "tickets", **QUESTION | fault)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert [fault["field"] for fault in answer.json()["errors"]] == list(fault)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("body", ["", " ", "x" * 5001])
def test_a_message_says_something(user: User, staff: User, ticket: Ticket, body: str) -> None:
    before = everything()
    assert post(user, f"tickets/{ticket.id}/messages", body=body).status_code == 400
    assert post(staff, f"{ADMIN}/{ticket.id}/answer", body=body).status_code == 400
    assert everything() == before


def test_the_longest_message_fits(user: User, ticket: Ticket) -> None:
    assert post(user, f"tickets/{ticket.id}/messages", body="x" * 5000).status_code == 201


def test_a_user_cannot_flood_a_ticket(user: User, staff: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MESSAGES_OF_USER", 2)
    reply(ticket_id=ticket.id, user=user, body="Hello?")
    before = everything()
    answer = post(user, f"tickets/{ticket.id}/messages", body="Hello??")
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (422, "too_many_messages", 2)
    assert everything() == before
    assert post(staff, f"{ADMIN}/{ticket.id}/answer", body="Here I am").status_code == 201


def test_a_stranger_finds_no_ticket(stranger: User, ticket: Ticket) -> None:
    before = everything()
    client = client_of(stranger)
    answers = [
        client.get(f"/api/v1/support/tickets/{ticket.id}"),
        post(stranger, f"tickets/{ticket.id}/messages", body="x"),
        post(stranger, f"tickets/{ticket.id}/close"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not_found")] * 3
    assert client.get("/api/v1/support/tickets").json()["results"] == []
    assert everything() == before


def test_staff_have_no_way_around_the_staff_calls(staff: User, ticket: Ticket) -> None:
    before = everything()
    assert post(staff, f"tickets/{ticket.id}/messages", body="x").status_code == 404
    assert everything() == before


def test_users_have_no_business_among_staff(user: User, ticket: Ticket) -> None:
    before = everything()
    answers = [
        client_of(user).get(ADMIN),
        client_of(user).get(f"{ADMIN}/{ticket.id}"),
        post(user, f"{ADMIN}/{ticket.id}/answer", body="x"),
        post(user, f"{ADMIN}/{ticket.id}/close"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(403, "permission_denied")] * 4
    assert APIClient().get(ADMIN).status_code == 401
    assert everything() == before


def test_the_use_cases_check_the_role_themselves(user: User, staff: User, ticket: Ticket) -> None:
    staff.is_active = False
    before = everything()
    for nobody in (user, staff):
        with pytest.raises(NotAllowed):
            answer_ticket(ticket_id=ticket.id, actor=nobody, body="x")
        with pytest.raises(NotAllowed):
            close_ticket(ticket_id=ticket.id, actor=nobody)
    assert everything() == before


def test_what_does_not_exist_is_not_found(user: User, staff: User) -> None:
    nowhere = f"{ADMIN}/{user.id}"
    assert client_of(staff).get(nowhere).status_code == 404
    assert post(staff, f"{nowhere}/answer", body="x").status_code == 404


def test_staff_see_who_asks(user: User, staff: User, ticket: Ticket) -> None:
    seen = client_of(staff).get(f"{ADMIN}/{ticket.id}").json()
    assert seen["user"] == {"id": str(user.id), "display_name": user.display_name}
    assert seen["assignee"] is None
    assert client_of(staff).get(ADMIN).json()["results"] == [seen]


def test_both_lists_are_filtered_by_status(user: User, staff: User, ticket: Ticket) -> None:
    close_own_ticket(ticket_id=open_ticket(user=user, **QUESTION).id, user=user)
    for reader, address in ((user, "/api/v1/support/tickets"), (staff, ADMIN)):
        client = client_of(reader)
        assert [row["id"] for row in client.get(address, {"status": "open"}).json()["results"]] == [str(ticket.id)]
        assert client.get(address, {"status": "lost"}).json()["errors"][0]["field"] == "status"


def test_the_lists_take_as_many_queries_for_two_as_for_four(
    user: User, staff: User, django_assert_num_queries: Any
) -> None:
    for length in (2, 4):
        for _ in range(2):
            answer_ticket(ticket_id=open_ticket(user=user, **QUESTION).id, actor=staff, body="Soon")
        for reader, address in ((user, "/api/v1/support/tickets"), (staff, ADMIN)):
            client = client_of(reader)
            with django_assert_num_queries(3):  # the tickets; the messages; their files
                assert len(client.get(address).json()["results"]) == length


def test_what_is_declared_is_what_is_sent(staff: User, ticket: Ticket) -> None:
    def declared(serializer: type[serializers.Body]) -> list[str]:
        return list(serializer().fields)

    shown = staff_ticket_json(answer_ticket(ticket_id=ticket.id, actor=staff, body="Soon"))
    assert declared(serializers.TicketSerializer) == list(ticket_json(ticket))
    assert declared(serializers.StaffTicketSerializer) == list(shown)
    assert declared(serializers.TicketMessageSerializer) == list(shown["messages"][0])
    assert declared(serializers.TicketPersonSerializer) == list(shown["user"]) == list(shown["assignee"])
