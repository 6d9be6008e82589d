"""The calls that place orders: two steps each, to accept and to match, so that many share one commit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, reader, user_of
from accounts.trust.standing import Requirements
from iqx.core import metrics
from iqx.core.api.problems import problem_of
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Busy, DomainError, Invalid
from iqx.core.hot import columns, fetch
from iqx.core.money import ZERO
from orders import selectors as orders
from orders import services
from orders.api.serializers import AmendSerializer, BatchSerializer, NewOrderSerializer, OrderSerializer, TakeSerializer
from orders.api.views import OrderView, OwnOrders
from orders.errors import OfferChanged
from orders.floating import Float, float_of
from orders.matching import CloseReason, Side, TimeInForce
from orders.models import Order
from orders.placing import NewOrder
from orders.representations import order_json
from trades.api.serializers import BatchResultsSerializer, PlacedSerializer
from trades.matching_run import match_market, preview
from trades.models import Trade
from trades.placing import Placed, place
from trades.representations import trade_json
from trades.selectors import trades_of_orders

Json = dict[str, Any]


def read_order(body: Json) -> NewOrder:
    fields = dict(body)
    requirements = fields.pop("requirements") or {}
    premium, least, most = fields.pop("premium"), fields.pop("min_price"), fields.pop("max_price")
    return NewOrder(
        **{"price": ZERO} | fields | {"side": Side(body["side"]), "time_in_force": TimeInForce(body["time_in_force"])},
        requires=Requirements(**requirements) if any(requirements.values()) else None,
        floats=None if premium is None else Float(premium, least, most),
    )


def match_all(placed: Sequence[Order]) -> None:
    """Match the markets of these orders."""
    match_markets({order.market_id for order in placed})


def match_markets(symbols: Iterable[str]) -> None:
    """Match these markets; one that is busy leaves its orders pending, for the next run."""
    for symbol in sorted(symbols):
        try:
            match_market(symbol)
        except Busy:
            continue


_OWN_ORDERS = f"SELECT {columns(Order)} FROM orders_order WHERE owner_id = %s AND id = ANY(%s)"  # noqa: S608 names alone
_FIRST_MATCHED = 2  # the version of an order that was placed and matched, and that nothing happened to since


def placed_json(order_ids: Sequence[UUID], owner_id: UUID) -> dict[UUID, Json]:
    """Each of these orders as it is now, with its trades: three queries at most."""
    found = {order.id: order for order in fetch(Order, _OWN_ORDERS, [owner_id, list(order_ids)])}
    traded = [order.id for order in found.values() if order.filled or order.version > _FIRST_MATCHED]
    return _told(found.values(), trades_of_orders(traded) if traded else [], owner_id)


def _told(orders: Iterable[Order], trades: Sequence[Trade], owner_id: UUID) -> dict[UUID, Json]:
    """Each order with those of the trades that it made."""
    made: defaultdict[UUID, list[Trade]] = defaultdict(list)
    for trade in trades:
        made[trade.buy_order_id].append(trade)
        made[trade.sell_order_id].append(trade)
    return {
        order.id: {"order": order_json(order), "trades": [trade_json(trade, owner_id) for trade in made[order.id]]}
        for order in orders
    }


class PlacingView(IqxView):
    """What placing has in common: its own quota, two steps, and an answer that can be rebuilt from the order's id."""

    idempotency: ClassVar = "two_step"
    dry_run_allowed = True

    @property
    def quota(self) -> str:  # type: ignore[override]
        return "orders" if self.request.method == "POST" else "reads"

    def recover(self, refs: Any) -> Response:  # noqa: ANN401
        order_id = UUID(refs)
        match_all(list(Order.objects.filter(pk=order_id)))
        return self.answer(order_id)

    def answer(self, order_id: UUID, status: int = 201) -> Response:
        return Response(placed_json([order_id], user_of(self.request).id)[order_id], status=status)

    def answers(self, placed: Placed) -> dict[UUID, Json]:
        """What to tell of new orders, by their ids, after what is pending was matched, or would be."""
        owner_id = user_of(self.request).id
        orders = [placement.order for placement in placed.placements if placement.order]
        if self.dry_run:
            return self.rehearsed(orders)
        if placed.pending:
            match_markets(placed.pending)
        if placed.pending or any(placement.repeated for placement in placed.placements):
            return placed_json([order.id for order in orders], owner_id)
        return _told(orders, placed.trades, owner_id)

    def rehearsed(self, placed: Sequence[Order]) -> dict[UUID, Json]:
        """What a dry run tells: each order as it would be, with the trades that it would make."""
        owner_id = user_of(self.request).id
        told = placed_json([order.id for order in placed], owner_id)
        pending = list(
            Order.objects.filter(pk__in=told, status=Order.Status.PENDING).select_related("market").order_by("priority")
        )
        return told | _told(pending, preview(pending), owner_id)


class OrdersView(OwnOrders, PlacingView):
    @api(request=NewOrderSerializer, response=PlacedSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Place an order and match it.

        The answer has the order as it is after matching, and the trades that it made. A `client_order_id` that was
        used before gives the order that it made then, with status 200.
        """
        wanted = read_order(reader(NewOrderSerializer)(request.data))
        with self.claim() as claim:
            placed = place(owner=user_of(request), new=[wanted])
            (placement,) = placed.placements
            if placement.order is None:
                raise placement.error or RuntimeError("neither an order nor an error")
            claim.refs = str(placement.order.id)
        answer = self.answers(placed)[placement.order.id]
        return Response(answer, status=200 if placement.repeated or self.dry_run else 201)


class TakeView(PlacingView):
    @api(request=TakeSerializer, response=PlacedSerializer, status=201)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Take a given offer as it was seen: all of `amount`, or nothing."""
        body = parsed(TakeSerializer, request)
        with self.claim() as claim:
            order = services.take_offer(owner=user_of(request), offer_id=order_id, **body)
            claim.refs = str(order.id)
        if self.dry_run:
            return _taken(self.rehearsed([order])[order.id], 200)
        metrics.orders.labels(order.market_id, order.side).inc()
        match_all([order])
        return self.answer(order.id)

    def answer(self, order_id: UUID, status: int = 201) -> Response:
        return _taken(placed_json([order_id], user_of(self.request).id)[order_id], status)


def _taken(placed: Json, status: int) -> Response:
    """Raises OfferChanged, if the order that took an offer came too late for it."""
    if placed["order"]["close_reason"] in {CloseReason.FOK_UNFILLED, CloseReason.OFFER_GONE}:
        raise OfferChanged
    return Response(placed, status=status)


class BatchView(PlacingView):
    def quota_cost(self, request: Request) -> int:
        """A batch costs as much as its orders would singly."""
        orders = request.data.get("orders") if isinstance(request.data, dict) else None
        return max(1, min(len(orders), 100)) if isinstance(orders, list) else 1

    @api(request=BatchSerializer, response=BatchResultsSerializer)
    def post(self, request: Request) -> Response:
        """Place up to 100 orders, in the order given; one that is refused spoils none of the others."""
        wanted = [_read_item(item) for item in parsed(BatchSerializer, request)["orders"]]
        good = [item for item in wanted if isinstance(item, NewOrder)]
        with self.claim() as claim:
            placed = place(owner=user_of(request), new=good)
            placements = iter(placed.placements)
            refs: list[Json] = []
            for item in wanted:
                placement = next(placements) if isinstance(item, NewOrder) else None
                if placement and placement.order:
                    refs.append({"order": str(placement.order.id)})
                else:
                    error = placement.error if placement else item
                    refs.append({"error": problem_of(error).as_json()})  # type: ignore[arg-type]
            claim.refs = refs
        return _results(refs, self.answers(placed))

    def recover(self, refs: Any) -> Response:  # noqa: ANN401
        order_ids = [UUID(ref["order"]) for ref in refs if "order" in ref]
        match_all(list(Order.objects.filter(pk__in=order_ids)))
        return _results(refs, placed_json(order_ids, user_of(self.request).id))


def _results(refs: Sequence[Json], placed: dict[UUID, Json]) -> Response:
    """The answer to a batch, in its order."""
    return Response({"results": [placed[UUID(ref["order"])] if "order" in ref else ref for ref in refs]})


def _read_item(item: object) -> NewOrder | ValidationError | DomainError:
    """One order of a batch, or what is wrong with it."""
    try:
        return read_order(reader(NewOrderSerializer)(item))
    except (ValidationError, DomainError) as error:
        return error


def _amended_float(order: Order, changes: Mapping[Any, Any]) -> Float:
    """How the price of an order floats with these changes. Raises Invalid, if it doesn't."""
    if order.premium_bps is None:
        raise Invalid("The price of this order is fixed.", field="premium")
    floats = float_of(order)
    return replace(floats, **{"premium_bps" if name == "premium" else name: value for name, value in changes.items()})


class OrderDetailView(OrderView):
    @api(request=AmendSerializer, response=OrderSerializer)
    def patch(self, request: Request, order_id: UUID) -> Response:
        """Amend price or amount, or how the price floats. A lower amount alone keeps the order's place in the queue."""
        body = parsed(AmendSerializer, request)
        if not body:
            raise Invalid("Give a price, an amount, or both.", field="amount")
        owner_id = user_of(request).id
        if changes := {name: body.pop(name) for name in ("premium", "min_price", "max_price") if name in body}:
            body["floats"] = _amended_float(orders.get_order(order_id=order_id, owner_id=owner_id), changes)
        match_all([services.amend_order(order_id=order_id, owner_id=owner_id, **body)])
        return Response(order_json(orders.get_order(order_id=order_id, owner_id=owner_id)))
