"""Blocks and favourites: one's own lists, and what matching is told of them."""

from typing import Any

import pytest

from accounts.models import Relation, User
from accounts.trust import services
from accounts.trust.selectors import ask_whom_they_shun
from orders.errors import OfferChanged
from tests.factories.accounts import auth_client, make_user
from tests.factories.orders import make_market, make_trader, place, take
from tests.factories.statements import recorded

pytestmark = pytest.mark.django_db


def add(owner: User, which: str, user: object) -> Any:
    return auth_client(owner).post(f"/api/v1/auth/{which}", {"user": str(user)}, format="json")


def listed(owner: User, which: str) -> list[str]:
    results = auth_client(owner).get(f"/api/v1/auth/{which}").json()["results"]
    return [entry["user"]["id"] for entry in results]


@pytest.mark.parametrize("which", ["blocks", "favourites"])
def test_a_list_takes_somebody_once_and_lets_him_go(which: str) -> None:
    me, other = make_user(), make_user()
    assert [add(me, which, other.id).status_code for _ in range(2)] == [201, 200]
    assert listed(me, which) == [str(other.id)]
    assert listed(other, which) == []
    statuses = [auth_client(me).delete(f"/api/v1/auth/{which}/{other.id}").status_code for _ in range(2)]
    assert statuses == [204, 404]
    assert listed(me, which) == []


def test_a_block_ends_a_favourite_and_stands_in_the_way_of_one() -> None:
    me, other = make_user(), make_user()
    add(me, "favourites", other.id)
    assert add(me, "blocks", other.id).status_code == 201
    assert (listed(me, "favourites"), listed(me, "blocks")) == ([], [str(other.id)])
    answer = add(me, "favourites", other.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "trader_blocked")
    assert Relation.objects.get().kind == "block"


def test_nobody_blocks_himself_or_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    me = make_user()
    assert add(me, "blocks", me.id).json()["code"] == "own_account"
    assert add(me, "blocks", "00000000-0000-0000-0000-000000000000").json()["code"] == "validation_error"
    monkeypatch.setattr(services, "MOST_RELATIONS", 0)
    assert add(me, "blocks", make_user().id).json()["code"] == "too_many_relations"
    assert not Relation.objects.exists()


def test_whom_people_shun_is_found_both_ways_round_by_one_query() -> None:
    one, two, three, four = (make_user() for _ in range(4))
    add(one, "blocks", two.id)
    add(four, "blocks", one.id)
    add(two, "favourites", three.id)
    with recorded() as statements:
        shunned = ask_whom_they_shun({one.id, two.id, three.id})()
    assert shunned == {one.id: {two.id, four.id}, two.id: {one.id}}
    assert len(statements) == 1


def test_those_who_block_each_other_are_never_matched() -> None:
    make_market()
    seller, blocked, stranger = make_trader(), make_trader(0), make_trader(0)
    offer, _ = place(seller, "sell", 1, 10)
    add(seller, "blocks", blocked.id)
    assert place(blocked, "buy", 1, 10)[1] == []  # bid and ask stand crossed
    with pytest.raises(OfferChanged):
        take(blocked, offer, 10)
    (trade,) = place(stranger, "buy", 1, 10)[1]
    assert trade.seller == seller
    add(stranger, "blocks", seller.id)
    place(stranger, "buy", 1, 10)
    assert place(seller, "sell", 1, 10)[1] == []
