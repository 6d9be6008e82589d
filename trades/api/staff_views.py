"""The calls about trades, for staff: to look."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from iqx.core.api.fields import AmountField
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import NotFound
from iqx.core.money import usdt
from trades.api.serializers import TradeSerializer
from trades.models import Trade
from trades.representations import trade_json

_OF_ONE_PARTY = (
    "role", "fee", "payment_details", "payment_account",
)  # fmt: skip


class StaffTradeSerializer(TradeSerializer):
    """A trade as staff see it: of both parties, without the account that is paid to."""

    role = fee = payment_details = payment_account = None  # type: ignore[assignment]  # DRF's way to leave fields out
    buyer_fee = AmountField()
    seller_fee = AmountField()


def staff_trade_json(trade: Trade) -> dict[str, Any]:
    """`buyer` and `seller` must be loaded."""
    shown = {name: value for name, value in trade_json(trade, trade.seller_id).items() if name not in _OF_ONE_PARTY}
    return shown | {"buyer_fee": usdt(trade.buyer_fee), "seller_fee": usdt(trade.seller_fee)}


class StaffTradeFilters(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=Trade.Status.choices)
    market = CharFilter(field_name="market_id", help_text="Symbol of the market.")
    user = UUIDFilter(method="filter_user", help_text="Either party.")
    reference = CharFilter(help_text="As it stands in the payment.")

    class Meta:
        model = Trade
        fields = ["status", "market", "user", "reference"]

    def filter_user(self, queryset: QuerySet[Trade], name: str, value: UUID) -> QuerySet[Trade]:
        return queryset.filter(Q(buyer=value) | Q(seller=value))


_FILTERS: list[OpenApiParameter] = parameters_of(StaffTradeFilters)
_ROWS = Trade.objects.select_related("buyer", "seller")


class StaffTradesView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffTradeSerializer, paged=True, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List all trades, newest first."""
        return paginate(request, filtered(StaffTradeFilters, request, _ROWS.all()), staff_trade_json)


class StaffTradeView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffTradeSerializer)
    def get(self, request: Request, trade_id: UUID) -> Response:
        """Show a trade."""
        trade = _ROWS.filter(pk=trade_id).first()
        if trade is None:
            raise NotFound
        return Response(staff_trade_json(trade))
