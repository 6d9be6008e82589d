"""One's own trades and receipts, and what everyone may see of a market's trading."""

from collections.abc import Callable
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from accounts.api.step_up import SteppedUpView, otp_of
from iqx.core import clock
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate, read_limit
from iqx.core.api.schema import api
from iqx.core.api.system import PublicView
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from iqx.core.events import user_stream
from iqx.core.feed.pages import PARAMETERS, EventPageSerializer, events_page
from orders.selectors import get_market, offers
from trades import payments, selectors, services
from trades.api import serializers
from trades.api.filters import OfferFilters, TradeFilters, TransactionFilters
from trades.models import Trade
from trades.payments import add_payment_details
from trades.representations import offer_json, step_json, tape_json, trade_json, transaction_json, transaction_row
from wallets.api.csv_export import csv_response, wants_csv


class TradesView(IqxView):
    @api(response=serializers.TradeSerializer, paged=True, parameters=parameters_of(TradeFilters))
    def get(self, request: Request) -> Response:
        """List own trades, newest first."""
        user_id = user_of(request).id
        trades = filtered(TradeFilters, request, selectors.trades_of(user_id))
        return paginate(
            request,
            trades,
            lambda trade: trade_json(trade, user_id),
            prepare=lambda page: add_payment_details(page, user_id),
        )


class TradeView(IqxView):
    @api(response=serializers.TradeSerializer)
    def get(self, request: Request, trade_id: UUID) -> Response:
        """Show one of one's own trades."""
        user_id = user_of(request).id
        trade = selectors.get_trade(trade_id=trade_id, user_id=user_id)
        add_payment_details([trade], user_id)
        return Response(trade_json(trade, user_id))


class TimelineView(IqxView):
    @api(response=serializers.StepSerializer, paged=True)
    def get(self, request: Request, trade_id: UUID) -> Response:
        """List what happened in a trade, oldest first, and when messages were written; both parties see the same."""
        entries = selectors.timeline_of(trade_id=trade_id, user_id=user_of(request).id)
        return paginate(request, entries, step_json, order="key")


class TradeActionView(IqxView):
    """A step in a trade, by one of its parties."""

    dry_run_allowed = True

    def act(self, request: Request, use_case: Callable[..., Trade], trade_id: UUID, **details: object) -> Response:
        user_id = user_of(request).id
        return Response(trade_json(use_case(trade_id=trade_id, actor_id=user_id, **details), user_id))


class PaidView(TradeActionView):
    @api(response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Say, as the buyer, that the fiat is on its way; also in the grace period after the deadline."""
        return self.act(request, services.mark_paid, trade_id)


class ReleaseView(TradeActionView):
    idempotency_required = True

    @api(response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Release the USDT to the buyer, as the seller who has the fiat. It can't be undone."""
        return self.act(request, services.release_trade, trade_id)


class CancelView(TradeActionView):
    @api(response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Call the trade off, as the buyer."""
        return self.act(request, services.cancel_trade, trade_id)


class CancelRequestView(TradeActionView):
    @api(response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Ask the buyer, as the seller, to agree to cancel."""
        return self.act(request, services.request_cancel, trade_id)


class AcceptCancelView(TradeActionView):
    @api(response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Agree to cancel, as the buyer whom the seller asked."""
        return self.act(request, services.accept_cancel, trade_id)


class RejectCancelView(TradeActionView):
    @api(response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Refuse to cancel, as the buyer whom the seller asked."""
        return self.act(request, services.reject_cancel, trade_id)


class PaymentMethodView(TradeActionView):
    @api(request=serializers.MethodChoiceSerializer, response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Agree on how to pay, where neither order said: the seller names a method, the buyer agrees by naming it."""
        return self.act(
            request, payments.agree_on_method, trade_id, **parsed(serializers.MethodChoiceSerializer, request)
        )


class PaymentAccountView(TradeActionView, SteppedUpView):
    @api(request=serializers.AccountChoiceSerializer, response=serializers.TradeSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Choose, as the seller, to which of one's accounts this trade is paid; the buyer is told of a change."""
        account_id = parsed(serializers.AccountChoiceSerializer, request)["account"]
        return self.act(request, payments.choose_account, trade_id, account_id=account_id, otp=otp_of(request))


class TransactionsView(IqxView):
    @api(
        response=serializers.TransactionSerializer,
        paged=True,
        csv=True,
        parameters=parameters_of(TransactionFilters),
    )
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """List own receipts, newest first."""
        user_id = user_of(request).id
        receipts = filtered(TransactionFilters, request, selectors.receipts_of(user_id))
        if wants_csv(request):
            rows = (transaction_row(receipt, user_id) for receipt in receipts.order_by("-id").iterator())
            return csv_response(request, "transactions.csv", list(serializers.TransactionSerializer().fields), rows)
        return paginate(request, receipts, lambda receipt: transaction_json(receipt, user_id))


class OffersView(PublicView):
    @api(response=serializers.OfferSerializer, paged=True, parameters=parameters_of(OfferFilters))
    def get(self, request: Request, symbol: str) -> Response:
        """List the single offers of a market, newest first, with their owners' public records."""
        found = filtered(OfferFilters, request, offers(get_market(symbol).symbol, clock.now()))
        return paginate(request, found, offer_json, prepare=selectors.add_records)


class TapeView(PublicView):
    @api(response=serializers.TapeSerializer, paged=True)
    def get(self, request: Request, symbol: str) -> Response:
        """List the fills of a market, newest first, without names."""
        return paginate(request, selectors.tape(get_market(symbol).symbol), tape_json)


class TickerView(PublicView):
    @api(response=serializers.TickerSerializer)
    def get(self, request: Request, symbol: str) -> Response:
        """Show last and best prices, and the last 24 hours."""
        return Response(selectors.ticker(get_market(symbol).symbol, clock.now()))


class CandlesView(PublicView):
    @api(
        response=serializers.CandleSerializer(many=True),
        parameters=[
            OpenApiParameter("interval", str, enum=serializers.INTERVALS, default="1h"),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        ],
    )
    def get(self, request: Request, symbol: str) -> Response:
        """Show open, high, low, close and volume of the last intervals that had a fill, oldest first."""
        interval = request.query_params.get("interval", "1h")
        if interval not in selectors.CANDLE_INTERVALS:
            raise Invalid(f"One of {', '.join(selectors.CANDLE_INTERVALS)}.", field="interval")
        step = selectors.CANDLE_INTERVALS[interval]
        return Response(selectors.candles(get_market(symbol).symbol, step, clock.now(), read_limit(request)))


class EventsView(IqxView):
    @api(response=EventPageSerializer, parameters=PARAMETERS)
    def get(self, request: Request) -> Response:
        """List own events after `since`: the same as on the socket, in the same order."""
        return events_page(request, user_stream(user_of(request).id))
