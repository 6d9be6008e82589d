"""What the OpenAPI document declares is what is sent: the fields of each serializer are the keys of its object."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.serializers import Serializer

from accounts.api import flags as flags_api
from accounts.api import kyc as kyc_api
from accounts.api import serializers as accounts_api
from accounts.api import trust as trust_api
from accounts.kyc.representations import opened_submission_json, staff_submission_json, submission_json
from accounts.kyc.services import submit_kyc
from accounts.models import PaymentMethod, Relation, TraderRecord, User
from accounts.representations import payment_method_json, public_user_json, user_json
from accounts.trust.representations import change_json, flag_json, limits_json, relation_json, rule_json, trader_json
from accounts.trust.rules import NEW_ADDRESS
from accounts.trust.services import relate, tune_rule
from iqx.core import clock
from orders.api import serializers as orders_api
from orders.models import Market
from orders.representations import market_json, order_json, public_order_json
from orders.selectors import book_snapshot
from tests.e2e.world import PAPERS, flag
from tests.factories.accounts import make_user
from tests.factories.orders import SYMBOL, make_market, make_trader, place, trade_between
from tests.factories.wallets import withdraw
from trades import room
from trades.api import serializers as trades_api
from trades.feedback import give_feedback
from trades.models import RoomEntry, Step, Trade
from trades.representations import feedback_json, offer_json, step_json, tape_json, trade_json, transaction_json
from trades.selectors import add_records, candles, receipts_of, ticker
from wallets.api import serializers as wallets_api
from wallets.holds import Hold
from wallets.models import Entry
from wallets.representations import deposit_json, entry_json, own_wallet_json, wallet_json, withdrawal_json
from wallets.selectors import get_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture
def market() -> Market:
    return make_market()


@pytest.fixture
def released(market: Market) -> Trade:
    return trade_between(make_trader(), make_trader(0), status="released")


def assert_declared(serializer: type[Serializer[Any]], sent: dict[str, Any]) -> None:
    assert set(serializer().fields) == set(sent)


def test_markets_and_books(market: Market) -> None:
    assert_declared(orders_api.MarketSerializer, market_json(market))
    assert_declared(orders_api.BookSerializer, book_snapshot(SYMBOL))


def test_orders(market: Market) -> None:
    order, _ = place(make_trader(), "sell", 1, 10)
    assert_declared(orders_api.OrderSerializer, order_json(order))
    assert_declared(orders_api.PublicOrderSerializer, public_order_json(order))
    add_records([order])
    assert_declared(trust_api.OwnerSerializer, offer_json(order)["owner"])
    assert_declared(trades_api.OfferSerializer, offer_json(order))


def test_trades(released: Trade) -> None:
    assert_declared(trades_api.TradeSerializer, trade_json(released, released.buyer_id))
    assert_declared(trades_api.StepSerializer, step_json(released.steps.all()[0]))
    (entry,) = RoomEntry.objects.filter(trade=released)[:1]
    assert_declared(trades_api.RoomEntrySerializer, room.entry_json(entry, reader=Step.Actor.BUYER, read_to=None))
    assert_declared(
        trades_api.TransactionSerializer, transaction_json(receipts_of(released.buyer_id).get(), released.buyer_id)
    )
    feedback = give_feedback(trade_id=released.id, actor_id=released.buyer_id, rating=5)
    assert_declared(trades_api.FeedbackSerializer, feedback_json(feedback))
    assert_declared(trades_api.TapeSerializer, tape_json(released))


def test_prices(released: Trade) -> None:
    now = clock.now()
    assert_declared(trades_api.TickerSerializer, ticker(SYMBOL, now))
    (candle,) = candles(SYMBOL, timedelta(hours=1), now + timedelta(hours=1), 2)
    assert_declared(trades_api.CandleSerializer, candle)


def test_money(market: Market) -> None:
    owner = make_trader()
    assert_declared(wallets_api.WalletSerializer, wallet_json(get_wallet(owner.id)))
    hold = Hold("rule", Decimal(1), clock.now(), "Held, because.")
    shown = own_wallet_json(get_wallet(owner.id), [hold])
    assert_declared(wallets_api.OwnWalletSerializer, shown)
    assert_declared(wallets_api.HoldSerializer, shown["holds"][0])
    assert_declared(wallets_api.EntrySerializer, entry_json(Entry.objects.filter(wallet_id=owner.id).get()))
    assert_declared(wallets_api.DepositSerializer, deposit_json(owner.deposits.get()))
    assert_declared(wallets_api.WithdrawalSerializer, withdrawal_json(withdraw(owner, Decimal(5))))


def test_people() -> None:
    user: User = make_user()
    assert_declared(accounts_api.UserSerializer, user_json(user))
    assert_declared(accounts_api.PublicUserSerializer, public_user_json(user))
    assert_declared(trust_api.TraderSerializer, trader_json(user, TraderRecord(user=user)))
    relation, _ = relate(owner_id=user.id, other_id=make_user().id, kind=Relation.Kind.BLOCK)
    assert_declared(trust_api.RelationSerializer, relation_json(relation))


def test_submissions() -> None:
    submission = submit_kyc(user_id=make_user().pk, documents={}, **PAPERS)
    assert_declared(kyc_api.SubmissionSerializer, submission_json(submission))
    assert_declared(kyc_api.StaffSubmissionSerializer, staff_submission_json(submission))
    assert_declared(kyc_api.OpenedSubmissionSerializer, opened_submission_json(submission))


def test_rules() -> None:
    admin = make_user(role="admin")
    rule = tune_rule(code=NEW_ADDRESS.code, actor=admin, enabled=True, reason="As it was.")
    assert_declared(trust_api.RuleSerializer, rule_json(NEW_ADDRESS, rule))
    assert_declared(trust_api.ChangeSerializer, change_json(rule.changes.get()))
    limits = limits_json()
    assert_declared(trust_api.PlatformLimitsSerializer, limits)
    assert_declared(trust_api.LevelSerializer, limits["levels"][0])
    assert_declared(trust_api.RungSerializer, limits["pauses"][0])


def test_flags() -> None:
    shown = flag_json(flag(make_user(), uuid4()))
    assert_declared(flags_api.FlagSerializer, shown)
    assert_declared(flags_api.SubjectSerializer, shown["subject"])


def test_payment_methods() -> None:
    assert_declared(accounts_api.PaymentMethodSerializer, payment_method_json(PaymentMethod(code="sepa", name="SEPA")))
