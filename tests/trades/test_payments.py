"""How a trade is paid: by which method, in which time, to which account, and who is shown that account."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.models import PaymentMethod, User
from accounts.services import change_payment_account, delete_payment_account
from iqx.core.models import Event
from orders.errors import PaymentCapExceeded
from orders.models import Market, Order
from orders.services import amend_order, refresh_payment_rules
from tests.accounts.test_payment_accounts import OTHER_IBAN, dump
from tests.factories.accounts import auth_client, with_two_factor
from tests.factories.orders import WAY_TO, MovedClock, act, bring_to, fresh, make_market, make_trader, place, take
from tests.factories.payments import GOOD, IBAN, NAME, add_account
from trades.models import Trade

pytestmark = pytest.mark.django_db


def by_sepa(seller: User, buyer: User, method: str | None = "sepa") -> Trade:
    """A trade that waits for its payment by this method."""
    methods = [method] if method else []
    place(seller, "sell", 1, 100, payment_methods=methods)
    (trade,) = place(buyer, "buy", 1, 100, payment_methods=methods)[1]
    return fresh(trade)


def seen(user: User, trade: Trade) -> dict[str, Any]:
    answer = auth_client(user).get(f"/api/v1/trades/{trade.id}")
    assert answer.status_code == 200
    return dict(answer.json())


def shown(user: User, trade: Trade) -> Any:
    return seen(user, trade)["payment_details"]


def post(user: User, trade: Trade, step: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = auth_client(user).post(f"/api/v1/trades/{trade.id}/{step}", body, format="json")
    return answer.status_code, answer.json()


def test_the_buyer_of_a_live_trade_sees_where_to_pay(seller: User, buyer: User) -> None:
    seller.verified_name = NAME
    seller.save()
    account = add_account(seller)
    trade = by_sepa(seller, buyer)
    details = shown(buyer, trade)
    assert details["details"] == GOOD["sepa"]
    assert details["fields"][1] == {"name": "iban", "label": "IBAN", "value": IBAN}
    assert (details["method_name"], details["reference"]) == ("SEPA transfer", trade.reference)
    assert (details["name_matches"], details["changed_at"]) == (True, None)
    assert auth_client(buyer).get("/api/v1/trades").json()["results"][0]["payment_details"] == details
    assert seen(seller, trade)["payment_account"] == str(account.account)
    assert seen(buyer, trade)["payment_account"] is None


@pytest.mark.parametrize("status", WAY_TO)
def test_details_are_shown_while_the_trade_lives_and_never_after(status: str, seller: User, buyer: User) -> None:
    add_account(seller)
    trade = bring_to(by_sepa(seller, buyer), status)
    lives = status in {live.value for live in Trade.LIVE}
    assert (shown(buyer, trade) is not None) is lives
    assert shown(seller, trade) is None
    assert (seen(seller, trade)["payment_account"] is not None) is lives
    (listed,) = auth_client(buyer).get("/api/v1/trades").json()["results"]
    assert (listed["payment_details"] is not None) is lives


def test_nobody_else_ever_sees_details(seller: User, buyer: User) -> None:
    """No stranger, no public offer; and nothing that is kept: events, answers for repeats, steps."""
    add_account(seller)
    place(seller, "sell", 2, 50, payment_methods=["sepa"])
    trade = by_sepa(seller, buyer)
    assert shown(buyer, trade)
    paid = auth_client(buyer).post(f"/api/v1/trades/{trade.id}/paid", headers={"Idempotency-Key": "paid-1"})
    assert (paid.status_code, paid.json()["payment_details"]) == (200, None)
    stranger = auth_client(make_trader(0))
    assert stranger.get(f"/api/v1/trades/{trade.id}").status_code == 404
    for reader in (stranger, APIClient()):
        offers = reader.get("/api/v1/markets/USDT-EUR/orders")
        assert offers.json()["results"]
        assert IBAN not in offers.content.decode()
    stored = dump()
    assert trade.reference in stored, "control: this is where they would be seen"
    assert not [secret for secret in (IBAN, NAME, "COBADEFF") if secret in stored]


def test_an_edit_or_a_deletion_sends_no_payment_elsewhere(seller: User, buyer: User) -> None:
    account = add_account(seller)
    trade = by_sepa(seller, buyer)
    new = {"holder": NAME, "iban": OTHER_IBAN}
    change_payment_account(user_id=seller.pk, account_id=account.account, details=new)
    add_account(seller, is_default=True, iban="LT121000011101001000")
    assert shown(buyer, trade)["details"]["iban"] == IBAN
    delete_payment_account(user_id=seller.pk, account_id=account.account)
    assert shown(buyer, trade)["details"]["iban"] == IBAN
    assert shown(buyer, by_sepa(seller, buyer))["details"]["iban"] == "LT121000011101001000"


def test_another_account_for_a_trade_draws_attention(seller: User, buyer: User) -> None:
    add_account(seller)
    trade = by_sepa(seller, buyer)
    other = add_account(seller, iban=OTHER_IBAN)
    status, answer = post(seller, trade, "payment-account", account=str(other.account))
    assert (status, answer["payment_account_changed_at"] is not None) == (200, True)
    details = shown(buyer, trade)
    assert (details["details"]["iban"], details["changed_at"]) == (OTHER_IBAN, answer["payment_account_changed_at"])
    assert [step.action for step in trade.steps.order_by("id")] == ["open", "payment_account_changed"]
    told = Event.objects.filter(type="trade_payment_account_changed")
    assert {event.stream_id for event in told} == {f"user:{seller.pk}", f"user:{buyer.pk}"}
    change_payment_account(user_id=seller.pk, account_id=other.account, label="Same")
    assert shown(buyer, trade)["details"]["iban"] == OTHER_IBAN
    version = fresh(trade).version
    delete_payment_account(user_id=seller.pk, account_id=other.account)
    assert (shown(buyer, trade)["details"]["iban"], fresh(trade).version) == (OTHER_IBAN, version)


def test_a_seller_without_an_account_adds_one_and_the_buyer_sees_it(seller: User, buyer: User) -> None:
    trade = by_sepa(seller, buyer)
    add_account(seller, "revolut")
    assert shown(buyer, trade) is None
    account = add_account(seller)
    add_account(seller, is_default=True, iban=OTHER_IBAN)
    assert shown(buyer, trade)["details"]["iban"] == IBAN
    assert post(seller, trade, "payment-account", account=str(account.account))[0] == 200
    assert trade.steps.filter(action__startswith="payment_account").count() == 1


def test_only_a_sellers_own_account_of_the_method_can_be_chosen_before_payment(seller: User, buyer: User) -> None:
    account, revolut = add_account(seller), add_account(seller, "revolut")
    theirs = add_account(buyer)
    trade = by_sepa(seller, buyer)
    before = fresh(trade)

    def choose(user: User, account_id: UUID) -> tuple[int, str]:
        status, answer = post(user, trade, "payment-account", account=str(account_id))
        return status, answer["code"]

    assert choose(buyer, theirs.account) == (403, "not_your_step")
    assert choose(seller, theirs.account) == (404, "not_found")
    assert choose(seller, revolut.account) == (400, "validation_error")
    assert choose(make_trader(0), account.account) == (404, "not_found")
    assert (fresh(trade).version, fresh(trade).payment_account) == (before.version, None)
    bring_to(trade, "paid")
    assert choose(seller, account.account) == (409, "trade_wrong_status")


def test_a_method_that_nobody_named_is_proposed_by_the_seller_and_agreed_to_by_the_buyer(
    seller: User, buyer: User, moved_clock: MovedClock
) -> None:
    account = add_account(seller)
    trade = by_sepa(seller, buyer, method=None)
    assert (trade.payment_method, shown(buyer, trade)) == (None, None)
    assert post(seller, trade, "payment-account", account=str(account.account))[1]["code"] == "payment_method_open"
    assert post(buyer, trade, "payment-method", payment_method="sepa")[1]["code"] == "payment_method_not_proposed"
    assert post(seller, trade, "payment-method", payment_method="barter")[0] == 400
    assert post(seller, trade, "payment-method", payment_method="revolut")[0] == 200
    assert post(seller, trade, "payment-method", payment_method="sepa")[1]["proposed_payment_method"] == "sepa"
    assert post(buyer, trade, "payment-method", payment_method="revolut")[1]["code"] == "payment_method_not_proposed"
    moved_clock.pass_by(60)
    status, agreed = post(buyer, trade, "payment-method", payment_method="sepa")
    assert (status, agreed["payment_method"], agreed["proposed_payment_method"]) == (200, "sepa", None)
    assert fresh(trade).deadline == moved_clock.time + timedelta(days=2)
    assert shown(buyer, trade)["details"]["iban"] == IBAN
    assert post(seller, trade, "payment-method", payment_method="sepa")[1]["code"] == "payment_method_settled"
    assert Event.objects.filter(type="trade_payment_method_agreed").count() == 2


def test_strangers_and_paid_trades_agree_on_nothing(seller: User, buyer: User) -> None:
    trade = by_sepa(seller, buyer, method=None)
    assert post(make_trader(0), trade, "payment-method", payment_method="sepa")[0] == 404
    bring_to(trade, "paid")
    assert post(seller, trade, "payment-method", payment_method="sepa")[1]["code"] == "trade_wrong_status"
    assert fresh(trade).proposed_method is None


def test_the_methods_window_is_the_trades_and_else_the_markets(seller: User, buyer: User) -> None:
    for method, seconds in (("sepa", 172_800), ("revolut", 1200), (None, 1800)):
        trade = by_sepa(seller, buyer, method)
        assert trade.deadline
        assert trade.deadline - trade.created_at == timedelta(seconds=seconds)
    PaymentMethod.objects.filter(pk="revolut").update(window=None)
    PaymentMethod.objects.filter(pk="sepa").update(window=60)
    refresh_payment_rules()
    for method, seconds in (("sepa", 60), ("revolut", 1800)):
        trade = by_sepa(seller, buyer, method)
        assert trade.deadline
        assert trade.deadline - trade.created_at == timedelta(seconds=seconds)


def test_the_trades_method_is_one_that_both_sides_take(seller: User, buyer: User) -> None:
    order, _ = place(seller, "sell", 1, 100, payment_methods=["cash", "revolut"])
    assert place(buyer, "buy", 1, 100, payment_methods=["sepa"])[1] == []
    (trade,) = place(buyer, "buy", 1, 100, payment_methods=["sepa", "revolut"])[1]
    assert (trade.sell_order_id, trade.payment_method) == (order.id, "revolut")


@pytest.fixture
def capped(db: None) -> Market:
    """PayPal has a cap of 2,000, Wise of 10,000, a wire transfer none."""
    return make_market("USDT-USD", payment_methods=["paypal", "wise", "wire"])


def test_an_order_is_not_larger_than_the_cap_of_any_method_that_it_names(capped: Market, seller: User) -> None:
    for methods, amount in ((["paypal"], 2001), (["wire", "paypal"], 5000), (["wise"], 10_001)):
        with pytest.raises(PaymentCapExceeded) as refused:
            place(seller, "buy", 1, amount, market="USDT-USD", payment_methods=methods)
        assert refused.value.extra["payment_method"] == methods[-1]
    assert not Order.objects.exists()
    for methods, amount in ((["paypal", "wise"], 2000), (["wire"], 20_000), ([], 20_000)):
        place(seller, "buy", 1, amount, market="USDT-USD", payment_methods=methods)
    assert Order.objects.count() == 3


def test_a_cap_holds_for_amending_taking_and_agreeing(capped: Market, buyer: User) -> None:
    seller = make_trader(50_000)
    order, _ = place(seller, "sell", 2, 2000, market="USDT-USD", payment_methods=["paypal"])
    with pytest.raises(PaymentCapExceeded):
        amend_order(order_id=order.id, owner_id=seller.id, amount=Decimal(2001))
    offer, _ = place(seller, "sell", 1, 3000, market="USDT-USD")
    with pytest.raises(PaymentCapExceeded):
        take(buyer, offer, 3000, payment_method="paypal")
    (trade,) = take(buyer, offer, 3000)[1]
    status, answer = post(seller, trade, "payment-method", payment_method="paypal")
    assert (status, answer["code"], answer["max_amount"]) == (422, "payment_cap_exceeded", "2000.000000")
    assert (fresh(trade).proposed_method, Order.objects.get(pk=order.id).amount) == (None, 2000)


def test_an_expired_trade_may_still_get_its_account(seller: User, buyer: User) -> None:
    trade = by_sepa(seller, buyer)
    act(trade.id, *WAY_TO["expired"][0])
    account = add_account(seller)
    assert post(seller, trade, "payment-account", account=str(account.account))[0] == 200
    assert shown(buyer, trade)["details"]["iban"] == IBAN


def test_who_has_a_second_factor_needs_it_to_change_where_money_goes(seller: User, buyer: User) -> None:
    account = add_account(seller)
    trade = by_sepa(seller, buyer)
    with_two_factor(seller)
    client, accounts = auth_client(seller), "/api/v1/auth/payment-accounts"
    new = {"method": "sepa", "details": GOOD["sepa"]}
    answers = [
        client.post(accounts, new, format="json"),
        client.patch(f"{accounts}/{account.account}", {"label": "New"}, format="json"),
        client.delete(f"{accounts}/{account.account}"),
        client.post(f"/api/v1/trades/{trade.id}/payment-account", {"account": str(account.account)}, format="json"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, "otp_required")] * 4
    wrong = client.delete(f"{accounts}/{account.account}", headers={"X-OTP": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "otp_invalid")
    account.refresh_from_db()
    assert (account.valid_until, seller.payment_accounts.count()) == (None, 1)
