"""The calls of merchants: pausing and resuming, private offers, opening hours, and the price that others follow.

What puts orders back has them matched next; what is busy is matched by the worker.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsAdmin
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import ExplainedSerializer
from iqx.core.api.fields import PriceField
from iqx.core.api.schema import api
from iqx.core.api.system import PublicView
from iqx.core.api.views import IqxView
from iqx.core.errors import NotFound
from orders import floating, hours, pausing
from orders.api.hours import HoursSerializer, NewHoursSerializer, read_windows
from orders.api.serializers import CancelAllSerializer, OrderListSerializer, OrderSerializer
from orders.matching import Side
from orders.models import OpeningHours, Order, Reference
from orders.representations import hours_json, order_json, reference_json
from orders.selectors import get_market, get_order, pending_markets_of
from orders.taking import offer_by_link
from trades.api.placing import match_all, match_markets
from trades.api.serializers import OfferSerializer
from trades.representations import offer_json
from trades.selectors import add_records

Body = serializers.Serializer[Any]


class PauseView(IqxView):
    dry_run_allowed = True

    @api(response=OrderSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Take an order out of the book until it is resumed; what it reserves stays reserved."""
        return Response(order_json(pausing.pause_order(order_id=order_id, owner_id=user_of(request).id)))


class ResumeView(IqxView):
    idempotency = "two_step"

    @api(response=OrderSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        """Put a paused order back, at the end of the queue, unless something else pauses it, too: see `paused_for`."""
        with self.claim() as claim:
            order = pausing.resume_order(order_id=order_id, owner_id=user_of(request).id)
            claim.refs = str(order.id)
        return self.recover(str(order.id))

    def recover(self, refs: Any) -> Response:  # noqa: ANN401
        order = get_order(order_id=UUID(refs), owner_id=user_of(self.request).id)
        if order.status == Order.Status.PENDING:
            match_all([order])
            order.refresh_from_db()
        return Response(order_json(order))


class PauseAllView(IqxView):
    dry_run_allowed = True

    @api(request=CancelAllSerializer, response=OrderListSerializer)
    def post(self, request: Request) -> Response:
        """Pause all own live orders, or those of one market or side."""
        return Response({"orders": [order_json(order) for order in pausing.pause_all(**_chosen(request))]})


class ResumeAllView(IqxView):
    idempotency = "two_step"

    @api(request=CancelAllSerializer, response=OrderListSerializer)
    def post(self, request: Request) -> Response:
        """Put all own paused orders back, or those of one market or side."""
        with self.claim() as claim:
            claim.refs = [str(order.id) for order in pausing.resume_all(**_chosen(request))]
        return self.recover(claim.refs)

    def recover(self, refs: Any) -> Response:  # noqa: ANN401
        owner_id = user_of(self.request).id
        match_markets(pending_markets_of(owner_id))
        orders = Order.objects.filter(owner_id=owner_id, pk__in=refs).order_by("pk")
        return Response({"orders": [order_json(order) for order in orders]})


def _chosen(request: Request) -> dict[str, Any]:
    body = parsed(CancelAllSerializer, request)
    side = Side(body["side"]) if body["side"] else None
    return {"owner_id": user_of(request).id, "market": body["market"], "side": side}


class PrivateOfferView(PublicView):
    @api(response=OfferSerializer)
    def get(self, request: Request, link: str) -> Response:
        """Show a private offer to who has its link; it is taken as any other, with `link`."""
        offer = offer_by_link(link)
        add_records([offer])
        return Response(offer_json(offer))


class HoursView(IqxView):
    @api(response=HoursSerializer)
    def get(self, request: Request) -> Response:
        """Show one's opening hours. Who has none (`time_zone` is null) is always open."""
        return Response(hours_json(OpeningHours.objects.filter(pk=user_of(request).id).first()))

    @api(request=NewHoursSerializer, response=HoursSerializer)
    def put(self, request: Request) -> Response:
        """Keep one's orders in the book only in these weekly windows; outside of them they are paused."""
        body = parsed(NewHoursSerializer, request)
        user_id, windows = user_of(request).id, read_windows(body["windows"])
        set_ = hours.set_hours(user_id=user_id, time_zone=body["time_zone"], windows=windows)
        match_markets(pending_markets_of(user_id))
        return Response(hours_json(set_))

    @api(status=204)
    def delete(self, request: Request) -> Response:
        """Have no opening hours any more."""
        user_id = user_of(request).id
        hours.drop_hours(user_id=user_id)
        match_markets(pending_markets_of(user_id))
        return Response(status=204)


class ReferenceSerializer(Body):
    market = serializers.CharField()
    price = PriceField()
    source = serializers.ChoiceField(Reference.Source.choices)  # type: ignore[assignment]  # not DRF's
    at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    stale = serializers.BooleanField(help_text="Floating orders are out of the book.")


class NewReferenceSerializer(ExplainedSerializer):
    price = PriceField()
    valid_seconds = serializers.IntegerField(min_value=60, max_value=7 * 86_400, required=False, default=86_400)


class ReferenceView(PublicView):
    @api(response=ReferenceSerializer)
    def get(self, request: Request, symbol: str) -> Response:
        """Show the price that the market's floating orders follow; 404 if it has none."""
        found = Reference.objects.filter(pk=get_market(symbol).pk).first()
        if found is None:
            raise NotFound("This market has no reference price.")
        return Response(reference_json(found))


class SetReferenceView(IqxView):
    permission_classes = [IsAdmin]

    @api(request=NewReferenceSerializer, response=ReferenceSerializer)
    def put(self, request: Request, symbol: str) -> Response:
        """Set the price that the market's floating orders follow; the feed, if there is one, waits until it is over."""
        body = parsed(NewReferenceSerializer, request)
        valid_for = timedelta(seconds=body.pop("valid_seconds"))
        floating.set_reference(symbol=symbol, actor=user_of(request), valid_for=valid_for, **body)
        match_markets([symbol])
        return Response(reference_json(Reference.objects.get(pk=symbol)))
