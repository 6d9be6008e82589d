"""Ratings, and what everyone may know of a trader."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from accounts.api.trust import TraderSerializer
from accounts.trust.representations import trader_json
from accounts.trust.selectors import get_trader, records_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.system import PublicView
from iqx.core.api.views import IqxView
from trades.api import serializers
from trades.feedback import give_feedback
from trades.representations import feedback_json
from trades.selectors import feedback_about


class FeedbackView(IqxView):
    @api(request=serializers.NewFeedbackSerializer, response=serializers.FeedbackSerializer, status=201)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Rate the other party of a finished trade.

        Once, within 30 days of the end of a trade that was released, split or refunded; it can't be changed, and is
        public on the other's profile.
        """
        actor = user_of(request)
        body = parsed(serializers.NewFeedbackSerializer, request)
        feedback = give_feedback(trade_id=trade_id, actor_id=actor.id, **body)
        feedback.author = actor
        return Response(feedback_json(feedback), status=201)


class TraderView(PublicView):
    @api(response=TraderSerializer)
    def get(self, request: Request, trader_id: UUID) -> Response:
        """Show a trader's public profile."""
        trader = get_trader(trader_id)
        return Response(trader_json(trader, records_of([trader.id])[trader.id]))


class TraderFeedbackView(PublicView):
    @api(response=serializers.FeedbackSerializer, paged=True)
    def get(self, request: Request, trader_id: UUID) -> Response:
        """List what others said of a trader, newest first."""
        return paginate(request, feedback_about(trader_id), feedback_json)
