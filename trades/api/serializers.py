"""What the calls of trades answer with, as the OpenAPI document declares it."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import OtpField, PublicUserSerializer
from accounts.api.trust import OwnerSerializer
from iqx.core.api.fields import AmountField, PriceField
from iqx.core.api.multipart import FileSerializer, UploadField
from iqx.core.api.schema import ProblemSerializer
from orders.api.serializers import SIDES, OrderSerializer, PublicOrderSerializer
from trades.api.filters import ROLES
from trades.models import Message, RoomEntry, Step, Trade
from trades.selectors import CANDLE_INTERVALS

Body = serializers.Serializer[Any]


class LabelledValueSerializer(Body):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields out of the class
    value = serializers.CharField()


class PaymentDetailsSerializer(Body):
    """The account that the buyer pays to."""

    method = serializers.CharField()
    method_name = serializers.CharField()
    details = serializers.DictField(child=serializers.CharField())
    fields = LabelledValueSerializer(many=True, help_text="The same, labelled, in the method's order.")  # type: ignore[assignment]
    name_matches = serializers.BooleanField(
        allow_null=True, help_text="Whether the holder is the seller's verified name; null: nothing to compare."
    )
    reference = serializers.CharField(help_text="For the payment's subject line.")
    changed_at = serializers.DateTimeField(allow_null=True)


class TradeSerializer(Body):
    id = serializers.UUIDField()
    market = serializers.CharField()
    role = serializers.ChoiceField(ROLES)
    buyer = PublicUserSerializer()
    seller = PublicUserSerializer()
    buy_order = serializers.UUIDField()
    sell_order = serializers.UUIDField()
    amount = AmountField()
    price = PriceField()
    total = serializers.CharField(help_text="Fiat that the buyer owes, with the currency's decimals.")
    quote = serializers.CharField()
    fee = AmountField(help_text="The reader's own. The buyer's is taken from what he gets, the seller's comes on top.")
    buyer_amount = AmountField(allow_null=True, help_text="Of the amount, what went to the buyer; set at the end.")
    payment_method = serializers.CharField(allow_null=True)
    proposed_payment_method = serializers.CharField(allow_null=True, help_text="By the seller; the buyer may agree.")
    payment_details = PaymentDetailsSerializer(
        allow_null=True, help_text="Only in answers to GET, for the buyer, while the trade lives."
    )
    payment_account = serializers.UUIDField(
        allow_null=True, help_text="Only in answers to GET, for the seller, while the trade lives: which is paid to."
    )
    payment_account_changed_at = serializers.DateTimeField(
        allow_null=True,
        help_text="The seller chose another account after the trade had one: look again before you pay.",
    )
    reference = serializers.CharField(help_text="For the payment's subject line.")
    status = serializers.ChoiceField(Trade.Status.choices)
    deadline = serializers.DateTimeField(allow_null=True)
    extended_seconds = serializers.IntegerField(help_text="What outages of the platform added to the deadlines.")
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class MethodChoiceSerializer(Body):
    payment_method = serializers.CharField(max_length=40)


class AccountChoiceSerializer(Body):
    account = serializers.UUIDField(help_text="One of the seller's payment accounts.")
    otp = OtpField()


class PlacedSerializer(Body):
    order = OrderSerializer()
    trades = TradeSerializer(many=True)


class BatchResultSerializer(Body):
    """Either `order` and `trades`, or `error`."""

    order = OrderSerializer(required=False)
    trades = TradeSerializer(many=True, required=False)
    error = ProblemSerializer(required=False)


class BatchResultsSerializer(Body):
    results = BatchResultSerializer(many=True)


class StepSerializer(Body):
    action = serializers.CharField()
    actor = serializers.ChoiceField(Step.Actor.choices)
    status = serializers.ChoiceField(Trade.Status.choices)
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class NewTextSerializer(Body):
    body = serializers.CharField(max_length=2000)


class NewMessageWithFileSerializer(Body):
    body = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    attachment = UploadField()


class RoomEntrySerializer(Body):
    """A message of a person, a step of the trade (`system`), or the maker's terms."""

    id = serializers.UUIDField()
    trade = serializers.UUIDField()
    kind = serializers.ChoiceField(RoomEntry.Kind.choices)
    action = serializers.CharField(help_text="As in the timeline.")
    actor = serializers.ChoiceField(Step.Actor.choices)
    mine = serializers.BooleanField()
    body = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    attachment = FileSerializer(allow_null=True)
    flags = serializers.ListField(child=serializers.ChoiceField(Message.Flag.choices))
    warning = serializers.CharField(allow_null=True, help_text="What its reader should know.")
    read = serializers.BooleanField(allow_null=True, help_text="Of own messages: whether the other party read it.")
    status = serializers.ChoiceField(Trade.Status.choices)
    at = serializers.DateTimeField()


class ReadUpToSerializer(Body):
    message = serializers.UUIDField(required=False, help_text="The last one read; by default the newest.")


class ReadMarkSerializer(Body):
    trade = serializers.UUIDField()
    message = serializers.UUIDField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class TransactionSerializer(Body):
    id = serializers.UUIDField()
    trade = serializers.UUIDField()
    market = serializers.CharField()
    role = serializers.ChoiceField(ROLES)
    buyer = PublicUserSerializer()
    seller = PublicUserSerializer()
    amount = AmountField()
    price = PriceField()
    total = serializers.CharField()
    fee = AmountField()
    settled_at = serializers.DateTimeField()


class OfferSerializer(PublicOrderSerializer):
    owner = OwnerSerializer()


class NewFeedbackSerializer(Body):
    rating = serializers.IntegerField(min_value=1, max_value=5, help_text="1 is the worst, 5 the best.")
    comment = serializers.CharField(max_length=500, required=False, allow_blank=True)


class FeedbackSerializer(Body):
    id = serializers.UUIDField()
    author = PublicUserSerializer()
    rating = serializers.IntegerField()
    comment = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class TapeSerializer(Body):
    market = serializers.CharField()
    price = PriceField()
    amount = AmountField()
    side = serializers.ChoiceField(SIDES, help_text="The taker's.")
    time = serializers.DateTimeField()


class TickerSerializer(Body):
    symbol = serializers.CharField()
    last = PriceField(allow_null=True)
    bid = PriceField(allow_null=True)
    ask = PriceField(allow_null=True)
    open_24h = PriceField(allow_null=True)
    high_24h = PriceField(allow_null=True)
    low_24h = PriceField(allow_null=True)
    volume_24h = AmountField()
    trades_24h = serializers.IntegerField()
    last_fill_at = serializers.DateTimeField(allow_null=True)


class CandleSerializer(Body):
    time = serializers.DateTimeField(help_text="Start of the interval.")
    open = PriceField()
    high = PriceField()
    low = PriceField()
    close = PriceField()
    volume = AmountField()
    trades = serializers.IntegerField()


INTERVALS = list(CANDLE_INTERVALS)
