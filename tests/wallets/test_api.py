import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core.ids import new_id
from tests.factories.wallets import ADDRESS, balance_of, fund, withdraw
from wallets.api import serializers
from wallets.models import Deposit, Withdrawal
from wallets.representations import deposit_json, entry_json, wallet_json, withdrawal_json
from wallets.selectors import entries_of, get_wallet
from wallets.services import approve_adjustment, request_adjustment

pytestmark = pytest.mark.django_db

WALLET = "/api/v1/wallet"


@pytest.fixture
def client(funded: User, client_of: Callable[[User], APIClient]) -> APIClient:
    return client_of(funded)


def post(client: APIClient, path: str, body: dict[str, Any], key: str | None = "k-1") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"{WALLET}{path}", body, format="json", headers=headers)


def test_the_wallet_shows_what_it_holds(funded: User, client: APIClient) -> None:
    withdraw(funded, 100)
    assert client.get(WALLET).json() == {
        "currency": "USDT",
        "available": "899.000000",
        "locked": "101.000000",
        "total": "1000.000000",
        "withdrawable": "899.000000",
        "holds": [],
    }


def test_a_wallet_that_never_held_anything_is_empty(stranger: User, client_of: Callable[[User], APIClient]) -> None:
    assert client_of(stranger).get(WALLET).json() == {
        "currency": "USDT",
        "available": "0.000000",
        "locked": "0.000000",
        "total": "0.000000",
        "withdrawable": "0.000000",
        "holds": [],
    }


@pytest.mark.parametrize("path", ["", "/entries", "/deposits", "/withdrawals"])
def test_strangers_to_the_platform_see_no_wallet(db: None, path: str) -> None:
    answer = APIClient().get(f"{WALLET}{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_what_is_declared_is_what_is_sent(funded: User) -> None:
    def declared(serializer: type[serializers.Body]) -> list[str]:
        return list(serializer().fields)

    withdrawal = withdraw(funded, 1)
    assert declared(serializers.WalletSerializer) == list(wallet_json(get_wallet(funded.id)))
    assert declared(serializers.EntrySerializer) == list(entry_json(entries_of(funded.id)[0]))
    assert declared(serializers.DepositSerializer) == list(deposit_json(Deposit.objects.get()))
    assert declared(serializers.WithdrawalSerializer) == list(withdrawal_json(withdrawal))


def test_a_deposit_is_credited_and_shown(funded: User, client: APIClient) -> None:
    answer = post(client, "/deposits", {"amount": "12.5"})
    assert answer.status_code == 201
    assert answer.json()["amount"] == "12.500000"
    assert answer.json()["status"] == "confirmed"
    assert client.get(f"{WALLET}/deposits").json()["results"][0] == answer.json()
    assert balance_of(funded)[0] == Decimal("1012.5")


def test_a_repeated_deposit_is_credited_once(funded: User, client: APIClient) -> None:
    first, second = (post(client, "/deposits", {"amount": "12.5"}) for _ in range(2))
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert balance_of(funded)[0] == Decimal("1012.5")


@pytest.mark.parametrize("path", ["/deposits", "/withdrawals"])
def test_money_needs_an_idempotency_key(funded: User, client: APIClient, path: str) -> None:
    answer = post(client, path, {"amount": "1", "address": ADDRESS}, key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


@pytest.mark.parametrize("amount", ["0", "-1", "0.0000001", "1e3", "NaN", "", None, "100000000000000", True, [], {}])
@pytest.mark.parametrize("path", ["/deposits", "/withdrawals"])
def test_an_amount_that_is_none_is_refused(funded: User, client: APIClient, path: str, amount: Any) -> None:
    answer = post(client, path, {"amount": amount, "address": ADDRESS})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert [error["field"] for error in answer.json()["errors"]] == ["amount"]
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_a_withdrawal_is_locked_and_shown(funded: User, client: APIClient) -> None:
    answer = post(client, "/withdrawals", {"amount": "100", "address": ADDRESS, "network": "sandbox", "otp": "123456"})
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["amount"], shown["fee"], shown["address"]) == ("100.000000", "1.000000", ADDRESS)
    assert (shown["status"], shown["tx_hash"]) == ("pending", None)
    assert client.get(f"{WALLET}/withdrawals").json()["results"] == [shown]
    assert balance_of(funded) == (Decimal(899), Decimal(101))


def test_a_rehearsed_withdrawal_changes_nothing(funded: User, client: APIClient) -> None:
    answer = post(client, "/withdrawals?validate_only=true", {"amount": "100", "address": ADDRESS}, key=None)
    assert (answer.status_code, answer.json()["fee"]) == (200, "1.000000")
    assert not Withdrawal.objects.exists()
    assert balance_of(funded) == (Decimal(1000), Decimal(0))
    refused = post(client, "/withdrawals?validate_only=true", {"amount": "1000", "address": ADDRESS}, key=None)
    assert (refused.status_code, refused.json()["code"]) == (422, "insufficient_funds")


def test_a_refused_withdrawal_says_what_is_available(funded: User, client: APIClient) -> None:
    answer = post(client, "/withdrawals", {"amount": "1000", "address": ADDRESS})
    assert (answer.status_code, answer.json()["code"]) == (422, "insufficient_funds")
    assert answer.json()["available"] == "1000.000000"
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_a_false_address_is_named(client: APIClient) -> None:
    answer = post(client, "/withdrawals", {"amount": "1", "address": "0x12"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "address")
    assert not Withdrawal.objects.exists()


def test_a_withdrawal_can_be_cancelled(funded: User, client: APIClient) -> None:
    withdrawal = withdraw(funded, 100)
    answer = post(client, f"/withdrawals/{withdrawal.id}/cancel", {}, key=None)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    again = post(client, f"/withdrawals/{withdrawal.id}/cancel", {}, key=None)
    assert (again.status_code, again.json()["code"]) == (409, "money_request_wrong_status")
    assert again.json()["current_status"] == "cancelled"
    assert balance_of(funded) == (Decimal(1000), Decimal(0))


def test_a_strangers_withdrawal_is_not_there(
    funded: User, stranger: User, client_of: Callable[[User], APIClient]
) -> None:
    withdrawal = withdraw(funded, 100)
    for id_ in (withdrawal.id, new_id()):
        answer = post(client_of(stranger), f"/withdrawals/{id_}/cancel", {}, key=None)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert balance_of(funded) == (Decimal(899), Decimal(101))


def test_lists_show_only_what_is_ones_own(funded: User, stranger: User, client_of: Callable[[User], APIClient]) -> None:
    withdraw(funded, 100)
    for path in ("entries", "deposits", "withdrawals"):
        assert client_of(stranger).get(f"{WALLET}/{path}").json()["results"] == []


def test_the_statement_is_newest_first(funded: User, client: APIClient) -> None:
    withdrawal = withdraw(funded, 100)
    newest, oldest = client.get(f"{WALLET}/entries").json()["results"]
    assert (newest["kind"], newest["ref_kind"], newest["ref"]) == (
        "withdrawal_request",
        "withdrawal",
        str(withdrawal.id),
    )
    assert (newest["available_delta"], newest["locked_delta"]) == ("-101.000000", "101.000000")
    assert (newest["available_after"], newest["locked_after"]) == ("899.000000", "101.000000")
    assert (oldest["kind"], oldest["version"]) == ("deposit", 1)


def test_the_statement_is_paged(funded: User, client: APIClient) -> None:
    for _ in range(4):
        fund(funded, 1)
    page = client.get(f"{WALLET}/entries?limit=2").json()
    versions = [entry["version"] for entry in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        versions += [entry["version"] for entry in page["results"]]
    assert versions == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("path", ["entries", "deposits", "withdrawals"])
def test_a_list_costs_one_query_however_long(funded: User, client: APIClient, path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{WALLET}/{path}").status_code == 200
        return len(captured)

    withdraw(funded, 1)
    before = queries()
    for _ in range(3):
        fund(funded, 1)
        withdraw(funded, 1)
    assert before == queries() == 1


def test_the_wallet_costs_two_queries_where_nothing_is_held(client: APIClient) -> None:
    """Itself, and the rule on what was bought."""
    with CaptureQueriesContext(connection) as captured:
        client.get(WALLET)
    assert len(captured) == 2


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_statement_comes_as_csv(funded: User, client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallets.selectors._STATEMENT_BATCH", 2)
    for _ in range(4):
        fund(funded, 1)
    answer = client.get(f"{WALLET}/entries?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="wallet.csv"'
    header, *rows = rows_of(answer)
    assert header == list(serializers.EntrySerializer().fields)
    assert [row[1] for row in rows] == ["5", "4", "3", "2", "1"]


def test_no_spreadsheet_takes_a_statement_for_formulas(
    funded: User, client: APIClient, admin_user: User, second_admin: User
) -> None:
    asked = request_adjustment(user=funded, amount=Decimal(-1), reason="=HYPERLINK(1)", actor=admin_user)
    approve_adjustment(adjustment_id=asked.id, actor=second_admin)
    header, newest, _ = rows_of(client.get(f"{WALLET}/entries?format=csv"))
    assert newest[header.index("memo")] == "'=HYPERLINK(1)"
    assert newest[header.index("available_delta")] == "-1.000000"


def test_an_unknown_format_is_refused(client: APIClient) -> None:
    answer = client.get(f"{WALLET}/entries?format=xml")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "format")
