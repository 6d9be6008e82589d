from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, IsoDateTimeFilter, NumberFilter

from orders.api.filters import SIDES
from orders.models import Order
from trades.models import Trade, Transaction

ROLES = [("buyer", "buyer"), ("seller", "seller")]


class RoleFilters(FilterSet):  # type: ignore[misc]
    """What the lists of trades and of receipts have in common; `role` is that of the asking user."""

    role = ChoiceFilter(choices=ROLES, method="filter_role")
    market = CharFilter(field_name="market_id", help_text="Symbol of the market.")

    def filter_role(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(**{value: self.request.user})


class TradeFilters(RoleFilters):
    status = ChoiceFilter(choices=Trade.Status.choices)

    class Meta:
        model = Trade
        fields = ["status", "role", "market"]


class TransactionFilters(RoleFilters):
    settled_after = IsoDateTimeFilter(field_name="settled_at", lookup_expr="gte")
    settled_before = IsoDateTimeFilter(field_name="settled_at", lookup_expr="lt")

    class Meta:
        model = Transaction
        fields = ["role", "market", "settled_after", "settled_before"]


class OfferFilters(FilterSet):  # type: ignore[misc]
    """Filters of the public offers: by side, by what one wants to trade, and by how one wants to pay."""

    side = ChoiceFilter(choices=SIDES)
    amount = NumberFilter(method="filter_amount", help_text="USDT that the offer has to be good for.")
    payment_method = CharFilter(method="filter_method", help_text="Offers that accept any are included.")

    class Meta:
        model = Order
        fields = ["side", "amount", "payment_method"]

    def filter_amount(self, queryset: QuerySet[Any], name: str, value: Decimal) -> QuerySet[Any]:
        not_too_large = Q(max_fill=None) | Q(max_fill__gte=value)
        return queryset.filter(not_too_large, remaining__gte=value, min_fill__lte=value)

    def filter_method(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(payment_methods__contains=[value]) | Q(payment_methods=[]))
