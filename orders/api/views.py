"""Markets and one's own orders. Calls whose answer has trades in it are in `trades.api`, which is above."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from iqx.core.api import conditional
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.system import PublicView
from iqx.core.api.views import IqxView
from iqx.core.clock import rfc3339_or_none
from iqx.core.errors import Invalid
from iqx.core.events import market_stream, place_of
from iqx.core.feed.pages import PARAMETERS, EventPageSerializer, events_page
from orders import selectors, services
from orders.api import serializers
from orders.api.filters import OrderFilters
from orders.matching import Side
from orders.models import Market
from orders.representations import market_json, order_json

MAX_DEPTH = 500


class MarketsView(PublicView):
    @api(response=serializers.MarketSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the markets and their rules."""
        return Response([market_json(market) for market in Market.objects.all()])


class MarketView(PublicView):
    @api(response=serializers.MarketSerializer)
    def get(self, request: Request, symbol: str) -> Response:
        """Show one market's rules."""
        return Response(market_json(selectors.get_market(symbol)))


class BookView(PublicView):
    @api(
        response=serializers.BookSerializer,
        parameters=[
            OpenApiParameter("depth", {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "default": 50}),
            OpenApiParameter("If-None-Match", str, "header", description="The `ETag` of a book that one has already."),
        ],
        may_be_unchanged=True,
    )
    def get(self, request: Request, symbol: str) -> Response:
        """Show the order book by price level, best first, and the `seq` of the event that it stands at.

        The answer's `ETag` is good for as long as nothing happens in the market: with it, `If-None-Match` gets 304.
        """
        depth = request.query_params.get("depth", "50")
        if not (depth.isascii() and depth.isdigit() and len(depth) < 4 and 1 <= int(depth) <= MAX_DEPTH):
            raise Invalid(f"From 1 to {MAX_DEPTH}.", field="depth")
        place = place_of(market_stream(symbol))
        if not place:
            symbol = selectors.get_market(symbol).symbol
        unchanged = conditional.unchanged(request, place.head if place else 0)
        if unchanged is not None:
            return unchanged
        book = selectors.book_at(place, symbol, int(depth)) if place else selectors.book_snapshot(symbol, int(depth))
        return Response(book, headers={"ETag": conditional.etag(book["seq"])})


class MarketEventsView(PublicView):
    @api(response=EventPageSerializer, parameters=PARAMETERS)
    def get(self, request: Request, symbol: str) -> Response:
        """List the market's events after `since`: the same as on the socket, in the same order."""
        return events_page(request, market_stream(selectors.get_market(symbol).symbol))


class OrderView(IqxView):
    @api(response=serializers.OrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """Show one of one's own orders."""
        return Response(order_json(selectors.get_order(order_id=order_id, owner_id=user_of(request).id)))

    @api(response=serializers.OrderSerializer)
    def delete(self, request: Request, order_id: UUID) -> Response:
        """Cancel an order; what is not filled returns to `available`."""
        return Response(order_json(services.cancel_order(order_id=order_id, owner_id=user_of(request).id)))


class OrderCancelView(IqxView):
    dry_run_allowed = True

    @api(response=serializers.OrderSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Cancel an order; what is not filled returns to `available`."""
        return Response(order_json(services.cancel_order(order_id=order_id, owner_id=user_of(request).id)))


class CancelAllView(IqxView):
    dry_run_allowed = True

    @api(request=serializers.CancelAllSerializer, response=serializers.OrderListSerializer)
    def post(self, request: Request) -> Response:
        """Cancel all own live orders, or those of one market or side."""
        body = parsed(serializers.CancelAllSerializer, request)
        side = Side(body["side"]) if body["side"] else None
        orders = services.cancel_all(owner_id=user_of(request).id, market=body["market"], side=side)
        return Response({"orders": [order_json(order) for order in orders]})


class CancelAfterView(IqxView):
    dry_run_allowed = True

    @api(request=serializers.CancelAfterSerializer, response=serializers.CancelAfterStateSerializer)
    def post(self, request: Request) -> Response:
        """Cancel all own orders after so many seconds, unless called again before; 0 disarms."""
        body = parsed(serializers.CancelAfterSerializer, request)
        due_at = services.arm_cancel_after(user_id=user_of(request).id, seconds=body["seconds"])
        return Response({"due_at": rfc3339_or_none(due_at)})


class OwnOrders:
    """The list half of `/orders`, whose other half places orders."""

    @api(response=serializers.OrderSerializer, paged=True, parameters=parameters_of(OrderFilters))
    def get(self, request: Request) -> Response:
        """List own orders, newest first."""
        orders = filtered(OrderFilters, request, selectors.orders_of(user_of(request).id))
        return paginate(request, orders, order_json)
