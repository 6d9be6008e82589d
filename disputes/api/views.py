"""The calls about disputes, for the parties to their trades."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from disputes import evidence, selectors, services
from disputes.api import serializers
from disputes.models import Dispute
from disputes.reasons import permitted
from disputes.representations import dispute_json
from iqx.core.api.multipart import FILES_AND_JSON, FileBody
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from trades.selectors import get_trade
from trades.services import role_of

BY_STATUS = OpenApiParameter("status", str, enum=Dispute.Status.values)


def of_status(request: Request, disputes: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """Those that `?status=` asks for. Raises: Invalid."""
    status = request.query_params.get("status")
    if status is None:
        return disputes
    if status not in Dispute.Status.values:
        raise Invalid("There is no such status.", field="status")
    return disputes.filter(status=status)


class TradeDisputeView(IqxView):
    dry_run_allowed = True

    @api(request=serializers.NewDisputeSerializer, response=serializers.DisputeSerializer, status=201)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Open a dispute, as a party to a trade that is paid, or ended a short while ago.

        A word that is none of the reasons is taken as `other`; a reason that doesn't fit is refused.
        """
        body = parsed(serializers.NewDisputeSerializer, request)
        actor_id = user_of(request).id
        dispute = services.open_dispute(trade_id=trade_id, actor_id=actor_id, **body)
        return Response(dispute_json(dispute, actor_id), status=201)


class DisputeReasonsView(IqxView):
    @api(response=serializers.ReasonsSerializer)
    def get(self, request: Request, trade_id: UUID) -> Response:
        """Tell for which reasons the caller may dispute his trade as it is now."""
        user = user_of(request)
        trade = get_trade(trade_id=trade_id, user_id=user.id)
        return Response({"reasons": permitted(trade.status, role_of(trade, user.id))})


class DisputesView(IqxView):
    @api(response=serializers.DisputeSerializer, paged=True, parameters=[BY_STATUS])
    def get(self, request: Request) -> Response:
        """List the disputes about own trades, newest first."""
        reader = user_of(request).id
        disputes = of_status(request, selectors.disputes_of(reader))
        return paginate(request, disputes, lambda dispute: dispute_json(dispute, reader))


class DisputeView(IqxView):
    @api(response=serializers.DisputeSerializer)
    def get(self, request: Request, dispute_id: UUID) -> Response:
        """Show a dispute about an own trade."""
        reader = user_of(request).id
        return Response(dispute_json(selectors.get_dispute(dispute_id=dispute_id, user_id=reader), reader))


class DisputeEvidenceView(FileBody, IqxView):
    parser_classes = FILES_AND_JSON

    @api(
        request={
            "application/json": serializers.EvidenceSerializer,
            "multipart/form-data": serializers.EvidenceFormSerializer,
        },
        response=serializers.DisputeSerializer,
        status=201,
    )
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Add a statement, files, or both to a live dispute; the other party sees them too."""
        uploads = [upload for _, several in request.FILES.lists() for upload in several]
        body = parsed(serializers.EvidenceFormSerializer if uploads else serializers.EvidenceSerializer, request)
        reader = user_of(request).id
        selectors.get_dispute(dispute_id=dispute_id, user_id=reader)  # nobody's files are looked into for nothing
        services.add_statement(
            dispute_id=dispute_id,
            actor_id=reader,
            statement=body.get("statement", ""),
            received=evidence.take_in(uploads),
        )
        dispute = selectors.get_dispute(dispute_id=dispute_id, user_id=reader)
        return Response(dispute_json(dispute, reader), status=201)


class DisputeWithdrawalView(IqxView):
    @api(response=serializers.DisputeSerializer)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Take back a dispute, as the party who opened it; a live trade is `paid` again."""
        actor_id = user_of(request).id
        dispute = services.withdraw_dispute(dispute_id=dispute_id, actor_id=actor_id)
        return Response(dispute_json(dispute, actor_id))
