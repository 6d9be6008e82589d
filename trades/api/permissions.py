"""The calls that say beforehand what one may do, and why not, by the checks of the acts themselves."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import user_of
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from iqx.core.permissions import verdict
from orders.models import Market, Order
from orders.permissions import in_market, with_offer, with_own_order
from orders.taking import get_offer
from wallets.permissions import check_could_withdraw

Body = serializers.Serializer[Any]


class RefusalSerializer(Body):
    """As the act itself would be answered: with the members that its code has."""

    code = serializers.CharField()
    detail = serializers.CharField()


class VerdictSerializer(Body):
    allowed = serializers.BooleanField()
    problem = RefusalSerializer(allow_null=True)


class PermissionsSerializer(Body):
    actions = serializers.DictField(child=VerdictSerializer(), help_text="By the name of the action.")


class PermissionsView(IqxView):
    @api(
        response=PermissionsSerializer,
        parameters=[OpenApiParameter("market", str, description="Its symbol: also whether one may `buy` and `sell`.")],
    )
    def get(self, request: Request) -> Response:
        """Tell whether the caller may `withdraw`, and `buy` and `sell` in a market, at least a little; and why not."""
        user = user_of(request)
        actions = {"withdraw": verdict(lambda: check_could_withdraw(user))}
        if symbol := request.query_params.get("market"):
            market = Market.objects.filter(pk=symbol).first()
            if market is None:
                raise Invalid("There is no such market.", field="market")
            actions |= in_market(user, market)
        return Response({"actions": actions})


class OrderPermissionsView(IqxView):
    @api(
        response=PermissionsSerializer,
        parameters=[OpenApiParameter("link", str, description="Of a private offer.")],
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        """Tell whether the caller may `take` an offer, or `amend`, `cancel`, `pause` and `resume` his own order."""
        user = user_of(request)
        own = Order.objects.filter(pk=order_id, owner=user).first()
        if own:
            return Response({"actions": with_own_order(own)})
        offer = get_offer(order_id, request.query_params.get("link"))
        return Response({"actions": with_offer(offer, user)})
