"""The book by REST: a client that has it already is told so."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories.orders import SYMBOL, new_order, place_batch
from tests.factories.statements import recorded

pytestmark = pytest.mark.django_db

BOOK = f"/api/v1/markets/{SYMBOL}/book"


@pytest.fixture
def tag(client: Client, seller: User) -> str:
    place_batch(seller, [new_order("sell", 1, 10)])
    return str(client.get(BOOK)["ETag"])


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}'])
def test_who_has_the_book_gets_no_second_one(client: Client, tag: str, known: str) -> None:
    answer = client.get(BOOK, headers={"If-None-Match": known.format(tag)})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)


def test_whatever_happens_in_the_market_changes_its_tag(client: Client, tag: str, seller: User) -> None:
    place_batch(seller, [new_order("sell", 2, 10)])
    answer = client.get(BOOK, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert len(answer.json()["asks"]) == 2
    assert answer["ETag"] != tag


@pytest.mark.parametrize("nonsense", ["", "*", "W/", '"', "x" * 500])
def test_a_tag_that_is_none_gets_the_book(client: Client, tag: str, nonsense: str) -> None:
    assert client.get(BOOK, headers={"If-None-Match": nonsense}).json()["asks"]


def test_a_market_that_is_none_is_not_unchanged(client: Client) -> None:
    assert client.get("/api/v1/markets/NONE-XXX/book", headers={"If-None-Match": '"0"'}).status_code == 404


def test_the_book_is_not_read_for_who_has_it(client: Client, tag: str) -> None:
    with recorded() as sent:
        client.get(BOOK, headers={"If-None-Match": tag})
    assert not any("orders_order" in statement for statement in sent)


def test_the_book_is_read_once_for_all_and_anew_after_each_event(client: Client, tag: str, seller: User) -> None:
    before = client.get(BOOK).json()
    with recorded() as sent:
        assert client.get(BOOK).json() == before
    assert not any("orders_order" in statement for statement in sent)
    place_batch(seller, [new_order("sell", "1.5", 7)])
    after = client.get(BOOK).json()
    assert after["seq"] > before["seq"]
    assert ["1.5", "7.000000", 1] in after["asks"]
