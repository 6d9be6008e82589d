from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories.wallets import ADDRESS
from wallets.api import serializers
from wallets.models import WithdrawalAddress
from wallets.representations import address_json
from wallets.services import add_address, addresses

pytestmark = pytest.mark.django_db

BOOK = "/api/v1/wallet/addresses"


@pytest.fixture
def client(user: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(user)


def keep(client: APIClient, **body: str) -> Any:
    return client.post(BOOK, {"name": "Mine", "address": ADDRESS, **body}, format="json")


def test_an_address_is_kept_and_shown(client: APIClient) -> None:
    answer = keep(client)
    assert answer.status_code == 201
    assert client.get(BOOK).json()["results"] == [answer.json()]
    assert list(serializers.AddressSerializer().fields) == list(address_json(WithdrawalAddress.objects.get()))
    assert str(WithdrawalAddress.objects.get()) == "Mine"


def test_an_address_is_kept_once(client: APIClient) -> None:
    keep(client)
    answer = keep(client, name="Again")
    assert (answer.status_code, answer.json()["code"]) == (409, "address_known")
    assert WithdrawalAddress.objects.get().name == "Mine"


def test_a_false_address_is_not_kept(client: APIClient) -> None:
    assert keep(client, address="0x1").json()["errors"][0]["field"] == "address"
    assert keep(client, network="tron").json()["code"] == "network_unavailable"
    assert not WithdrawalAddress.objects.exists()


def test_a_book_has_an_end(user: User, client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_MOST_ADDRESSES", 1)
    add_address(user=user, name="Mine", address=ADDRESS)
    assert keep(client, address="0x" + "b2" * 20).json()["code"] == "address_book_full"
    assert WithdrawalAddress.objects.count() == 1


def test_an_address_can_be_forgotten(user: User, client: APIClient) -> None:
    kept = add_address(user=user, name="Mine", address=ADDRESS)
    assert client.delete(f"{BOOK}/{kept.id}").status_code == 204
    assert client.delete(f"{BOOK}/{kept.id}").status_code == 404
    assert not WithdrawalAddress.objects.exists()


def test_a_strangers_address_is_not_there(user: User, stranger: User, client_of: Callable[[User], APIClient]) -> None:
    kept = add_address(user=user, name="Mine", address=ADDRESS)
    assert client_of(stranger).get(BOOK).json()["results"] == []
    assert client_of(stranger).delete(f"{BOOK}/{kept.id}").status_code == 404
    assert WithdrawalAddress.objects.exists()
