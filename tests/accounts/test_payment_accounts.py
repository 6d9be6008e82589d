"""Payment accounts over HTTP: their owner's alone, sealed at rest, and never changed under a trade."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import KycStatus, PaymentAccount, User
from accounts.payments.sealing import details_of
from accounts.services import add_payment_account, payment_accounts, review_kyc
from iqx.core.models import Event
from tests.factories.accounts import auth_client, make_user
from tests.factories.payments import GOOD, IBAN, NAME, add_account

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/payment-accounts"
OTHER_IBAN = "NL91ABNA0417164300"


@pytest.fixture
def client(user: User) -> APIClient:
    return auth_client(user)


def add(client: APIClient, method: str = "sepa", **body: Any) -> dict[str, Any]:
    answer = client.post(PATH, {"method": method, "details": GOOD[method], **body}, format="json")
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def mine(client: APIClient) -> list[dict[str, Any]]:
    return list(client.get(PATH).json()["results"])


def dump() -> str:
    """Every byte of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 from the catalogue
            texts += [text for (text,) in cursor.fetchall()]
    return "\n".join(texts)


def test_an_owner_adds_reads_changes_and_deletes_his_accounts(client: APIClient) -> None:
    account = add(client, label="Household")
    assert (account["method"], account["label"], account["details"]) == ("sepa", "Household", GOOD["sepa"])
    assert (account["is_default"], account["version"], account["name_matches"]) == (True, 1, None)
    path = f"{PATH}/{account['id']}"
    assert client.get(path).json() == mine(client)[0] == account
    changed = client.patch(path, {"details": {"holder": NAME, "iban": OTHER_IBAN}}, format="json").json()
    assert (changed["id"], changed["version"], changed["label"]) == (account["id"], 2, "Household")
    assert changed["details"] == {"holder": NAME, "iban": OTHER_IBAN}
    assert mine(client) == [changed]
    assert client.delete(path).status_code == 204
    assert (mine(client), client.get(path).status_code) == ([], 404)


def test_of_several_accounts_one_is_the_default(client: APIClient) -> None:
    first, second, other = add(client), add(client), add(client, "revolut")
    assert [account["is_default"] for account in (first, second, other)] == [True, False, True]
    third = add(client, is_default=True)

    def defaults() -> set[str]:
        return {account["id"] for account in mine(client) if account["is_default"]}

    assert defaults() == {third["id"], other["id"]}
    assert client.patch(f"{PATH}/{second['id']}", {"is_default": True}, format="json").json()["is_default"]
    assert defaults() == {second["id"], other["id"]}
    answer = client.patch(f"{PATH}/{second['id']}", {"is_default": False}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "is_default")
    client.delete(f"{PATH}/{second['id']}")
    assert defaults() == {third["id"], other["id"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"method": "sepa", "details": {"holder": NAME, "iban": "DE00"}}, "details.iban"),
        ({"method": "sepa", "details": {"iban": IBAN}}, "details.holder"),
        ({"method": "sepa", "details": {**GOOD["sepa"], "pin": "1"}}, "details.pin"),
        ({"method": "barter", "details": {}}, "method"),
        ({"method": "sepa"}, "details"),
    ],
)
def test_bad_accounts_are_refused_by_field(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(PATH, body, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not PaymentAccount.objects.exists()


def test_a_bad_change_changes_nothing(client: APIClient) -> None:
    account = add(client)
    answer = client.patch(f"{PATH}/{account['id']}", {"label": "New", "details": {"iban": "DE00"}}, format="json")
    assert answer.status_code == 400
    assert mine(client) == [account]


def test_there_is_a_limit(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_accounts, "MOST", 1)
    add(client)
    answer = client.post(PATH, {"method": "sepa", "details": GOOD["sepa"]}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_payment_accounts")
    assert len(mine(client)) == 1


def test_a_stranger_finds_no_account(client: APIClient) -> None:
    account = add(client)
    path, stranger = f"{PATH}/{account['id']}", auth_client(make_user())
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"label": "Mine"}, format="json").status_code == 404
    assert stranger.delete(path).status_code == 404
    assert mine(stranger) == []
    assert mine(client) == [account]


def test_the_database_holds_no_details_that_can_be_read(client: APIClient, user: User) -> None:
    """Neither in the account, nor in events or in the answers that are kept for repeats."""
    key = {"Idempotency-Key": str(uuid4())}
    body = {"method": "sepa", "details": GOOD["sepa"], "label": "Household"}
    first = client.post(PATH, body, format="json", headers=key)
    account = PaymentAccount.objects.get()
    assert details_of(account)["iban"] == IBAN
    assert Event.objects.filter(type="payment_account_updated").count() == 1
    stored = dump()
    assert "Household" in stored, "control: this is where it would be seen"
    assert not [secret for secret in (IBAN, IBAN[-10:], NAME, "COBADEFF") if secret in stored]
    again = client.post(PATH, body, format="json", headers=key)
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert PaymentAccount.objects.count() == 1


def test_an_account_in_anothers_name_is_flagged(client: APIClient, user: User) -> None:
    add(client)
    admin = make_user(role="admin")
    review_kyc(user_id=user.pk, actor_id=admin.pk, status=KycStatus.VERIFIED, level=1, name="Maria Elena Sandoval")
    assert mine(client)[0]["name_matches"] is True
    review_kyc(user_id=user.pk, actor_id=admin.pk, status=KycStatus.VERIFIED, level=1, name="John Doe")
    assert mine(client)[0]["name_matches"] is False
    add(client, "cash")
    assert mine(client)[0]["name_matches"] is None


def test_versions_follow_each_other(user: User) -> None:
    account = add_account(user)
    later = payment_accounts.change_payment_account(user_id=user.pk, account_id=account.account, label="B")
    account.refresh_from_db()
    assert account.valid_until == later.valid_from
    assert (account.label, later.label, later.created_at) == ("", "B", account.created_at)
    unchanged = payment_accounts.change_payment_account(user_id=user.pk, account_id=account.account)
    assert unchanged.version == 2
    add_payment_account(user_id=user.pk, method="sepa", details=GOOD["sepa"])
    payment_accounts.delete_payment_account(user_id=user.pk, account_id=account.account)
    assert [row.is_default for row in PaymentAccount.objects.filter(valid_until=None)] == [True]
