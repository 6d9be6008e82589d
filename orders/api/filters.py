from django_filters import CharFilter, ChoiceFilter, FilterSet

from orders.matching import Side
from orders.models import Order

SIDES = [(side.value, side.value) for side in Side]


class OrderFilters(FilterSet):  # type: ignore[misc]
    market = CharFilter(field_name="market_id", help_text="Symbol of the market.")
    side = ChoiceFilter(choices=SIDES)
    status = ChoiceFilter(choices=Order.Status.choices)
    client_order_id = CharFilter()

    class Meta:
        model = Order
        fields = ["market", "side", "status", "client_order_id"]
