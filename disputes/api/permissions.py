"""What a party may do in a trade, with disputes: the answer is put together here, above both apps."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import user_of
from disputes.services.case import check_may_open
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.permissions import verdict
from trades.api.permissions import PermissionsSerializer
from trades.permissions import in_trade
from trades.selectors import get_trade
from trades.services import role_of


class TradePermissionsView(IqxView):
    @api(response=PermissionsSerializer)
    def get(self, request: Request, trade_id: UUID) -> Response:
        """Tell what the caller may do in his trade now, by the addresses below it, and why not."""
        user_id = user_of(request).id
        trade = get_trade(trade_id=trade_id, user_id=user_id)
        dispute = verdict(lambda: check_may_open(trade, role_of(trade, user_id)))
        return Response({"actions": in_trade(trade, user_id) | {"dispute": dispute}})
