"""What the calls of orders and markets take, and what they answer with (as the OpenAPI document declares it)."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from iqx.core.api.fields import AmountField, PriceField, ShareField
from orders.matching import CloseReason, Side, TimeInForce
from orders.models import Market, Order

Body = serializers.Serializer[Any]

SIDES = [(side.value, side.value) for side in Side]
TIMES_IN_FORCE = [(tif.value, tif.value) for tif in TimeInForce]


class MarketSerializer(Body):
    symbol = serializers.CharField()
    base = serializers.CharField()
    quote = serializers.CharField()
    tick_size = PriceField()
    lot_size = serializers.CharField()
    min_amount = AmountField()
    max_amount = AmountField()
    maker_fee = serializers.CharField()
    taker_fee = serializers.CharField()
    payment_methods = serializers.ListField(child=serializers.CharField())
    payment_window = serializers.IntegerField(help_text="Seconds that a buyer has to pay.")
    status = serializers.ChoiceField(Market.Status.choices)


class BookSerializer(Body):
    symbol = serializers.CharField()
    seq = serializers.IntegerField(help_text="Of the market's stream: the book as it was after this event.")
    bids = serializers.ListField(help_text="[price, amount, number of orders], best first.")
    asks = serializers.ListField(help_text="[price, amount, number of orders], best first.")


def payment_methods() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=40, required=False, default=list, help_text="None: any."
    )


class RequirementsSerializer(Body):
    """The least that the other side's owner must have; null asks nothing."""

    kyc_level = serializers.IntegerField(min_value=1, max_value=2, required=False, allow_null=True, default=None)
    completed_trades = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, allow_null=True, default=None
    )
    completion_rate = ShareField(required=False, allow_null=True, default=None)
    account_age_days = serializers.IntegerField(
        min_value=1, max_value=3650, required=False, allow_null=True, default=None
    )


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]{1,3}(\.[0-9]{1,2})?$", "examples": ["1.25", "-0.50"]})
class PremiumField(serializers.Field[int, str, str, Any]):
    """Per cent above the market's reference, below it if negative: from -50 to 100, with at most two decimals.

    Inside it is a number of basis points.
    """

    default_error_messages = {"invalid": 'From "-50" to "100" per cent, with at most two decimals.'}

    def to_internal_value(self, data: object) -> int:
        if not isinstance(data, str) or not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,2})?", data, re.ASCII):
            self.fail("invalid")
        points = int(Decimal(data) * 100)
        if not -5_000 <= points <= 10_000:
            self.fail("invalid")
        return points

    def to_representation(self, value: Any) -> str:  # noqa: ANN401 DRF's
        return str(value)


class NewOrderSerializer(Body):
    market = serializers.CharField(max_length=12)
    side = serializers.ChoiceField(SIDES)
    price = PriceField(required=False, help_text="Required, unless it floats by a `premium`.")
    premium = PremiumField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The price floats by so many per cent above the market's reference.",
    )
    min_price = PriceField(required=False, allow_null=True, default=None, help_text="A floating price never is less.")
    max_price = PriceField(required=False, allow_null=True, default=None, help_text="A floating price never is more.")
    private = serializers.BooleanField(
        required=False, default=False, help_text="In no list and never matched: only who has its `link` can take it."
    )
    amount = AmountField()
    payment_methods = payment_methods()
    min_fill = AmountField(required=False, allow_zero=True, default=0)
    time_in_force = serializers.ChoiceField(TIMES_IN_FORCE, required=False, default=TimeInForce.GTC.value)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    post_only = serializers.BooleanField(required=False, default=False)
    client_order_id = serializers.RegexField(
        r"^[\x21-\x7e]{1,64}$",
        required=False,
        allow_null=True,
        default=None,
        help_text="A repeat gives the first order.",
    )
    terms = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    max_fill = AmountField(required=False, allow_null=True, default=None, help_text="USDT of one trade.")
    requirements = RequirementsSerializer(required=False, allow_null=True, default=None)
    auto_reply = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=2000,
        default=None,
        help_text="The first message in the room of each trade, in the owner's name.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("price" in attrs) is (attrs["premium"] is not None):
            raise serializers.ValidationError({"price": "Give a price, or a premium for one that floats."})
        if attrs["premium"] is None and (attrs["min_price"] or attrs["max_price"]):
            raise serializers.ValidationError({"min_price": "Only a floating price has bounds."})
        return attrs


class BatchSerializer(Body):
    orders = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=100)


class AmendSerializer(Body):
    price = PriceField(required=False)
    amount = AmountField(required=False)
    premium = PremiumField(required=False)
    min_price = PriceField(required=False, allow_null=True)
    max_price = PriceField(required=False, allow_null=True)


class TakeSerializer(Body):
    amount = AmountField()
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    payment_method = serializers.CharField(max_length=40, required=False, allow_null=True, default=None)
    link = serializers.CharField(
        max_length=43, required=False, allow_null=True, default=None, help_text="Of a private offer."
    )


class CancelAllSerializer(Body):
    market = serializers.CharField(max_length=12, required=False, allow_null=True, default=None)
    side = serializers.ChoiceField(SIDES, required=False, allow_null=True, default=None)


class CancelAfterSerializer(Body):
    seconds = serializers.IntegerField(min_value=0, max_value=86_400)


class CancelAfterStateSerializer(Body):
    due_at = serializers.DateTimeField(allow_null=True)


class PublicOrderSerializer(Body):
    id = serializers.UUIDField()
    market = serializers.CharField()
    side = serializers.ChoiceField(SIDES)
    price = PriceField()
    amount = AmountField()
    remaining = AmountField()
    filled = AmountField()
    min_fill = AmountField()
    payment_methods = serializers.ListField(child=serializers.CharField())
    time_in_force = serializers.ChoiceField(TIMES_IN_FORCE)
    post_only = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    terms = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(Order.Status.choices)
    close_reason = serializers.ChoiceField([(r.value, r.value) for r in CloseReason], allow_null=True)
    max_fill = AmountField(allow_null=True)
    requirements = RequirementsSerializer(allow_null=True)
    premium = PremiumField(allow_null=True, help_text="The price floats by so many per cent above the reference.")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OrderSerializer(PublicOrderSerializer):
    client_order_id = serializers.CharField(allow_null=True)
    auto_reply = serializers.CharField(allow_null=True)
    min_price = PriceField(allow_null=True)
    max_price = PriceField(allow_null=True)
    link = serializers.CharField(allow_null=True, help_text="Of a private offer; for /offers/{link} and `take`.")
    paused_for = serializers.ListField(child=serializers.ChoiceField(Order.Pause.choices))


class OrderListSerializer(Body):
    orders = OrderSerializer(many=True)
