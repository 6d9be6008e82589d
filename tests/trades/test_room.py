"""The room of a trade: who reads and writes, in which order, until when, and what is flagged."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core.events import user_stream
from iqx.core.models import Event, Outage, StoredFile
from orders.models import Market
from tests.factories.accounts import make_user
from tests.factories.files import PDF, encoded, receipt, upload
from tests.factories.orders import MovedClock, bring_to, fresh, make_trader, place, trade_between
from trades import chat, clocks
from trades.models import Message, ReadMark, ReceiptFlag, Step, Trade

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    private = settings.STORAGES["private"]
    settings.STORAGES = settings.STORAGES | {
        "private": private | {"OPTIONS": private["OPTIONS"] | {"location": tmp_path}}
    }
    return tmp_path


@pytest.fixture
def trade(seller: User, buyer: User) -> Trade:
    return trade_between(seller, buyer)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def say(user: User, trade: Trade, body: str = "", file: Any = None, **headers: str) -> Any:
    sent: dict[str, Any] = {"body": body} | ({"attachment": file} if file else {})
    kind = "multipart" if file else "json"
    return client_of(user).post(f"/api/v1/trades/{trade.id}/messages", sent, format=kind, headers=headers)


def read(user: User, trade: Trade, **query: Any) -> list[dict[str, Any]]:
    answer = client_of(user).get(f"/api/v1/trades/{trade.id}/messages", query)
    assert answer.status_code == 200, answer.json()
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def told(user: User, type: str = "trade_message") -> list[dict[str, Any]]:
    return [row.data for row in Event.objects.filter(stream_id=user_stream(user.id), type=type).order_by("seq")]


def everything() -> list[list[Any]]:
    models: list[Any] = [Message, ReadMark, ReceiptFlag, StoredFile, Step, Trade, Event]
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_messages_and_steps_are_read_in_one_order(trade: Trade, seller: User, buyer: User) -> None:
    say(buyer, trade, "Hello")
    bring_to(trade, "paid")
    answer = say(seller, trade, "I see it")
    assert answer.status_code == 201
    entries = read(buyer, trade)
    assert [(e["kind"], e["action"], e["actor"], e["mine"]) for e in entries] == [
        ("system", "open", "system", False),
        ("message", "message", "buyer", True),
        ("system", "mark_paid", "buyer", False),
        ("message", "message", "seller", False),
    ]
    assert [e["body"] for e in entries][1::2] == ["Hello", "I see it"]
    assert [e["status"] for e in entries] == ["awaiting_payment", "awaiting_payment", "paid", "paid"]
    assert read(seller, trade)[-1] == answer.json()
    assert read(buyer, trade, order="newest") == entries[::-1]
    assert len({entry["id"] for entry in entries}) == 4


def test_both_parties_are_told_as_they_would_read_it(trade: Trade, seller: User, buyer: User) -> None:
    say(buyer, trade, "Hello")
    assert told(buyer) == [read(buyer, trade)[-1]]
    assert told(seller) == [read(seller, trade)[-1]]
    assert (told(buyer)[0]["mine"], told(seller)[0]["mine"]) == (True, False)


def test_the_makers_terms_come_first(seller: User, buyer: User) -> None:
    place(seller, "sell", 1, 10, terms="Pay from your own account.")
    (trade,) = place(buyer, "buy", 1, 10, terms="I am quick.")[1]
    say(buyer, trade, "Fine")
    said = [(e["kind"], e["actor"], e["body"], e["mine"]) for e in read(buyer, trade)]
    assert said[1:] == [("terms", "seller", "Pay from your own account.", False), ("message", "buyer", "Fine", True)]


def test_a_picture_is_shown_by_a_link_without_what_else_it_held(trade: Trade, seller: User, buyer: User) -> None:
    sent = upload(encoded(receipt(), "JPEG", comment=b"secret"), "receipt.jpg", "text/html")
    answer = say(buyer, trade, "Here is the receipt", sent)
    assert answer.status_code == 201
    shown = read(seller, trade)[-1]["attachment"]
    assert (shown["name"], shown["content_type"], shown["width"]) == ("receipt.jpg", "image/jpeg", 540)
    fetched = APIClient().get(shown["url"])
    assert (fetched.status_code, fetched.headers["Content-Type"]) == (200, "image/jpeg")
    assert b"secret" not in fetched.content
    assert say(buyer, trade, "", upload(PDF, "statement.pdf")).status_code == 201


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "receipt.png", "file_refused"),
        (encoded(receipt()), "receipt.exe", "file_refused"),
        (PDF + b"PK\x03\x04", "statement.pdf", "file_unreadable"),
        (b"", "receipt.png", "file_unreadable"),
    ],
)
def test_a_bad_file_is_refused(trade: Trade, buyer: User, folder: Path, content: bytes, name: str, code: str) -> None:
    before = everything()
    answer = say(buyer, trade, "See", upload(content, name))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert everything() == before
    assert not list(folder.rglob("*"))


@pytest.mark.parametrize(
    "body", [{}, {"body": ""}, {"body": " \n"}, {"body": "x" * 2001}, {"body": None}, {"body": [1]}]
)
def test_a_message_says_something(trade: Trade, buyer: User, body: Any) -> None:
    before = everything()
    address = f"/api/v1/trades/{trade.id}/messages"
    for kind in ("json", "multipart"):
        if kind == "json" or isinstance(body.get("body"), str):
            answer = client_of(buyer).post(address, body, format=kind)
            assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert client_of(buyer).post(address, {"body": "Hi", "attachment": "text"}, format="multipart").status_code == 400
    assert everything() == before


def test_a_repeated_upload_is_one_message(trade: Trade, buyer: User) -> None:
    key = {"Idempotency-Key": "k"}
    first, again = (say(buyer, trade, "See", upload(), **key) for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Message.objects.count() == StoredFile.objects.count() == 1
    other = say(buyer, trade, "See", upload(encoded(receipt("5.00 EUR"))), **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_stranger_neither_reads_nor_writes(trade: Trade, buyer: User, folder: Path) -> None:
    say(buyer, trade, "Hello")
    before, stranger = everything(), make_user()
    address = f"/api/v1/trades/{trade.id}/messages"
    answers = [
        client_of(stranger).get(address),
        say(stranger, trade, "Hi"),
        say(stranger, trade, "Hi", upload()),
        client_of(stranger).post(f"{address}/read", {}, format="json"),
        client_of(stranger).get(f"/api/v1/trades/{uuid4()}/messages"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not_found")] * 5
    staff_address = f"/api/admin/trades/{trade.id}/messages"
    for party in (stranger, buyer):
        assert client_of(party).get(staff_address).status_code == 403
        assert client_of(party).post(staff_address, {"body": "x"}, format="json").status_code == 403
    assert everything() == before
    assert not list(folder.rglob("*"))


def test_staff_read_and_write_without_a_name(trade: Trade, seller: User, buyer: User) -> None:
    staff = make_user(role="support", display_name="Sam of support")
    say(buyer, trade, "write to me: bob@mail.example")
    address = f"/api/admin/trades/{trade.id}/messages"
    answer = client_of(staff).post(address, {"body": "Stay in this chat."}, format="json")
    assert answer.status_code == 201
    seen = client_of(staff).get(address).json()["results"]
    assert [(e["actor"], e["flags"]) for e in seen] == [("system", []), ("buyer", ["contact"]), ("staff", [])]
    for party in (buyer, seller):
        shown = read(party, trade)[-1]
        assert (shown["actor"], shown["body"], shown["mine"]) == ("staff", "Stay in this chat.", False)
        assert told(party)[-1] == shown
    assert client_of(staff).get(f"/api/admin/trades/{uuid4()}/messages").status_code == 404


def test_the_reader_is_warned_of_what_leads_elsewhere_and_the_writer_is_not(
    trade: Trade, seller: User, buyer: User
) -> None:
    answer = say(buyer, trade, "Support is at https://iqx.evil.example")
    assert (answer.json()["flags"], answer.json()["warning"]) == ([], None)
    seen = read(seller, trade)[-1]
    assert seen["flags"] == ["link"]
    assert "link" in seen["warning"]


def test_the_chat_goes_on_for_a_while_after_the_end(
    moved_clock: MovedClock, seller: User, buyer: User, settings: Any
) -> None:
    trade = trade_between(seller, buyer, status="released")
    moved_clock.pass_by(settings.TRADE_CHAT_SECONDS)
    assert say(buyer, trade, "Thanks").status_code == 201
    moved_clock.pass_by(1)
    before = everything()
    answer = say(buyer, trade, "One more thing")
    assert (answer.status_code, answer.json()["code"]) == (409, "chat_closed")
    assert everything() == before
    assert read(buyer, trade)[-1]["body"] == "Thanks"


def test_a_disputed_trade_is_talked_about_however_long_it_takes(
    moved_clock: MovedClock, seller: User, buyer: User
) -> None:
    trade = trade_between(seller, buyer, status="disputed")
    moved_clock.pass_by(30 * 86_400)
    assert say(seller, trade, "Still nothing").status_code == 201


def test_nobody_floods_the_room(trade: Trade, buyer: User, seller: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "MESSAGES_OF_ONE", 1)
    assert say(buyer, trade, "Hello").status_code == 201
    before = everything()
    answer = say(buyer, trade, "Hello?")
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (422, "chat_full", 1)
    assert everything() == before
    assert say(seller, trade, "Yes").status_code == 201


def test_the_writer_sees_what_was_read(trade: Trade, seller: User, buyer: User) -> None:
    address = f"/api/v1/trades/{trade.id}/messages/read"
    assert client_of(seller).post(address, {}, format="json").json()["message"] is None
    first, second = (say(buyer, trade, text).json()["id"] for text in ("One", "Two"))
    assert [entry["read"] for entry in read(buyer, trade)[1:]] == [False, False]
    answer = client_of(seller).post(address, {"message": first}, format="json")
    assert (answer.status_code, answer.json()["message"]) == (200, first)
    assert [entry["read"] for entry in read(buyer, trade)[1:]] == [True, False]
    assert [entry["read"] for entry in read(seller, trade)[1:]] == [None, None]
    assert client_of(seller).post(address, {}, format="json").json()["message"] == second
    back = client_of(seller).post(address, {"message": first}, format="json")
    assert back.json()["message"] == second  # a mark never moves back
    assert [mark["message"] for mark in told(buyer, "trade_read")] == [first, second]
    before = everything()
    assert client_of(seller).post(address, {"message": str(uuid4())}, format="json").status_code == 400
    assert everything() == before


# Receipts that were seen before


def test_a_receipt_seen_in_another_trade_is_flagged_to_seller_and_staff(
    seller: User, buyer: User, market: Market
) -> None:
    other_seller, other_buyer = make_trader(), make_trader(0)
    earlier, trade = trade_between(other_seller, other_buyer), trade_between(seller, buyer)
    say(other_buyer, earlier, "", upload(encoded(receipt(size=2))))
    answer = say(buyer, trade, "Paid", upload(encoded(receipt(size=2), "JPEG", quality=50), "mine.jpg"))
    assert (answer.json()["flags"], answer.json()["warning"]) == ([], None)  # he is not told that he was found out
    seen = read(seller, trade)[-1]
    assert seen["flags"] == ["seen_before"]
    assert "another trade" in seen["warning"]
    assert told(seller)[-1] == seen
    flag = ReceiptFlag.objects.get()
    assert (flag.message.trade, flag.seen_in.trade, flag.identical) == (trade, earlier, False)
    assert read(other_seller, earlier)[-1]["flags"] == []
    say(buyer, trade, "", upload(encoded(receipt(size=2))))
    assert ReceiptFlag.objects.filter(identical=True).count() == 1


def test_what_is_no_repetition_is_not_flagged(seller: User, buyer: User) -> None:
    one, two = trade_between(seller, buyer), trade_between(seller, buyer)
    say(seller, one, "My code", upload(encoded(receipt("QR code", size=2))))
    say(seller, two, "My code", upload(encoded(receipt("QR code", size=2))))  # a seller may show his account everywhere
    say(buyer, one, "", upload(encoded(receipt(size=2))))
    say(buyer, one, "", upload(encoded(receipt(size=2))))  # twice in one trade
    say(buyer, two, "", upload(encoded(receipt("70.00 EUR", "0B52D7AA", size=2))))  # another receipt of the same bank
    assert not ReceiptFlag.objects.exists()


def test_staff_note_that_they_looked(seller: User, buyer: User) -> None:
    one, two = trade_between(seller, buyer), trade_between(seller, buyer)
    for trade in (one, two):
        say(buyer, trade, "", upload(PDF, "statement.pdf"))
    flag = ReceiptFlag.objects.get()
    with pytest.raises(Exception, match="may not"):
        chat.review_receipt(receiptflag_id=flag.pk, actor=buyer)
    staff = make_user(role="support")
    assert chat.review_receipt(receiptflag_id=flag.pk, actor=staff).reviewed_by == staff


# The timeline


def test_the_timeline_has_everything_but_what_was_said(
    trade: Trade, seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    client_of(seller).post(f"/api/v1/trades/{trade.id}/cancel-request")
    client_of(buyer).post(f"/api/v1/trades/{trade.id}/cancel-request/reject")
    say(buyer, trade, "I will pay")
    Outage.objects.create(kind="web", started_at=moved_clock.time, ended_at=moved_clock.time + timedelta(seconds=90))
    assert clocks.make_good_outages() == 1
    timelines = [
        client_of(party).get(f"/api/v1/trades/{trade.id}/timeline").json()["results"] for party in (seller, buyer)
    ]
    assert timelines[0] == timelines[1]
    assert [(step["action"], step["actor"]) for step in timelines[0]] == [
        ("open", "system"),
        ("cancel_requested", "seller"),
        ("cancel_rejected", "buyer"),
        ("message", "buyer"),
        ("extended", "system"),
    ]
    assert "I will pay" not in str(timelines[0])
    assert timelines[0][-1]["note"] == "90 seconds"
    assert client_of(buyer).get(f"/api/v1/trades/{trade.id}").json()["extended_seconds"] == 90


# What the database itself refuses


def test_messages_are_never_changed(trade: Trade, buyer: User) -> None:
    say(buyer, trade, "Hello")
    for sql in ("UPDATE trades_message SET body = 'x'", "DELETE FROM trades_message"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    sound: dict[str, Any] = {"role": "buyer", "body": "x", "flags": []}
    for fault in ({"body": " "}, {"role": "system"}, {"flags": ["odd"]}):
        with pytest.raises(IntegrityError, match="trades_message_"), transaction.atomic():
            Message.objects.create(
                trade=trade, after=trade.steps.get(), author=buyer, status="paid", at=trade.created_at, **sound | fault
            )


def test_the_room_takes_as_many_queries_for_two_as_for_eight(
    trade: Trade, buyer: User, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        for _ in range(4):
            say(buyer, trade, "See", upload(PDF, "statement.pdf"))
        client = client_of(buyer)
        with django_assert_num_queries(3):  # the trade, the page, its messages with their files
            client.get(f"/api/v1/trades/{trade.id}/messages")
    assert fresh(trade).version == 1  # talking changes nothing in the trade
