"""The calls about markets and orders, for staff: support looks, an admin changes."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as ModelInvalid
from django_filters import UUIDFilter
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import PublicUserSerializer
from accounts.api.staff_users import ReasonSerializer
from accounts.representations import public_user_json
from iqx.core.api.fields import AmountField, PriceField
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid, NotFound
from orders import selectors, services
from orders.api.filters import OrderFilters
from orders.api.serializers import MarketSerializer, OrderSerializer
from orders.models import Market, Order
from orders.representations import market_json, order_json


class StaffOrderSerializer(OrderSerializer):
    owner = PublicUserSerializer()


class MarketChangeSerializer(ReasonSerializer):
    """What is left out stays as it is."""

    tick_size = PriceField(required=False)
    lot_size = AmountField(required=False)
    min_amount = AmountField(required=False)
    max_amount = AmountField(required=False)
    maker_fee = AmountField(required=False, allow_zero=True, help_text="0.001 is a tenth of a per cent.")
    taker_fee = AmountField(required=False, allow_zero=True)
    payment_methods = serializers.ListField(child=serializers.CharField(max_length=40), max_length=100, required=False)
    payment_window = serializers.IntegerField(min_value=60, max_value=86_400, required=False, help_text="Seconds.")


class StaffOrderFilters(OrderFilters):
    user = UUIDFilter(field_name="owner_id")

    class Meta:
        model = Order
        fields = ["market", "side", "status", "client_order_id", "user"]


_FILTERS: list[OpenApiParameter] = parameters_of(StaffOrderFilters)


def staff_order_json(order: Order) -> dict[str, Any]:
    """An order with its owner, who must be loaded."""
    return order_json(order) | {"owner": public_user_json(order.owner)}


class StaffOrdersView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffOrderSerializer, paged=True, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List everybody's orders, newest first."""
        rows = Order.objects.select_related("owner")
        return paginate(request, filtered(StaffOrderFilters, request, rows), staff_order_json)


class StaffOrderView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffOrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """Show an order."""
        order = Order.objects.select_related("owner").filter(pk=order_id).first()
        if order is None:
            raise NotFound
        return Response(staff_order_json(order))


class StaffCancelView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=StaffOrderSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        """End somebody's order, as an admin; what is not filled is available to its owner again."""
        body = parsed(ReasonSerializer, request)
        return Response(staff_order_json(services.cancel_any_order(order_id=order_id, actor=user_of(request), **body)))


class StaffMarketView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=MarketChangeSerializer, response=MarketSerializer)
    def patch(self, request: Request, symbol: str) -> Response:
        """Change a market's rules, as an admin; orders keep the fees that they were placed with."""
        body = parsed(MarketChangeSerializer, request)
        return _changed(request, symbol, body.pop("reason"), **body)


class HaltView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=MarketSerializer)
    def post(self, request: Request, symbol: str) -> Response:
        """Halt a market, as an admin: no new orders and no matching; cancelling goes on."""
        reason = parsed(ReasonSerializer, request)["reason"]
        return _changed(request, symbol, reason, status=Market.Status.HALTED)


class ResumptionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=MarketSerializer)
    def post(self, request: Request, symbol: str) -> Response:
        """Let a market trade again, as an admin."""
        reason = parsed(ReasonSerializer, request)["reason"]
        return _changed(request, symbol, reason, status=Market.Status.TRADING)


def _changed(request: Request, symbol: str, reason: str, **changes: object) -> Response:
    """Raises: Invalid, and what the use case raises."""
    market = selectors.get_market(symbol)
    for name, value in changes.items():
        setattr(market, name, value)
    try:
        services.change_market(market=market, actor=user_of(request), reason=reason)
    except ModelInvalid as error:
        field, faults = next(iter(error.message_dict.items()))
        raise Invalid(faults[0], field="" if field == "__all__" else field) from error
    return Response(market_json(market))
