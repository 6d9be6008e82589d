"""The calls about corrections of balances, for staff: one admin asks, another one decides."""

from typing import Any
from uuid import UUID

from django_filters import ChoiceFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, ExplainedSerializer, PublicUserSerializer
from accounts.api.staff_money import MoneyView
from accounts.models import User
from accounts.representations import public_user_json
from iqx.core.api.fields import AmountField
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.errors import Invalid
from iqx.core.money import usdt
from wallets import services
from wallets.models import Adjustment, AdjustmentStatus

_DIRECTIONS = (("add", "add"), ("take", "take"))


class AdjustmentSerializer(Body):
    id = serializers.UUIDField()
    user = PublicUserSerializer()
    amount = serializers.CharField(help_text="USDT to add or, negative, to take.")
    reason = serializers.CharField()
    status = serializers.ChoiceField(AdjustmentStatus.choices)
    requested_by = PublicUserSerializer()
    decided_by = PublicUserSerializer(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="Until when staff owe a decision.")
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class NewAdjustmentSerializer(Body):
    user = serializers.UUIDField()
    direction = serializers.ChoiceField(_DIRECTIONS, help_text="Add to what is available, or take from it.")
    amount = AmountField()
    reason = serializers.CharField(max_length=200)


class AdjustmentFilters(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=AdjustmentStatus.choices)
    user = UUIDFilter(field_name="user_id")

    class Meta:
        model = Adjustment
        fields = ["status", "user"]


_FILTERS: list[OpenApiParameter] = parameters_of(AdjustmentFilters)
_ROWS = Adjustment.objects.select_related("user", "requested_by", "decided_by")


def adjustment_json(adjustment: Adjustment) -> dict[str, Any]:
    """The people in it must be loaded."""
    return {
        "id": str(adjustment.id),
        "user": public_user_json(adjustment.user),
        "amount": usdt(adjustment.amount),
        "reason": adjustment.reason,
        "status": adjustment.status,
        "requested_by": public_user_json(adjustment.requested_by),
        "decided_by": public_user_json(adjustment.decided_by) if adjustment.decided_by else None,
        "due_at": rfc3339_or_none(adjustment.due_at),
        "created_at": rfc3339(adjustment.created_at),
        "decided_at": rfc3339_or_none(adjustment.decided_at),
    }


class AdjustmentsView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=AdjustmentSerializer, paged=True, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List all corrections of balances, newest first."""
        return paginate(request, filtered(AdjustmentFilters, request, _ROWS.all()), adjustment_json)

    @api(request=NewAdjustmentSerializer, response=AdjustmentSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Ask, as an admin, for a correction; nothing moves until another admin approves it."""
        body = parsed(NewAdjustmentSerializer, request)
        user = User.objects.filter(pk=body["user"]).first()
        if user is None:
            raise Invalid("There is no such user.", field="user")
        amount = body["amount"] if body["direction"] == "add" else -body["amount"]
        asked = services.request_adjustment(user=user, amount=amount, reason=body["reason"], actor=user_of(request))
        return Response(adjustment_json(asked), status=201)


class AdjustmentApprovalView(MoneyView):
    @api(request=ExplainedSerializer, response=AdjustmentSerializer)
    def post(self, request: Request, adjustment_id: UUID) -> Response:
        """Make the correction that another admin asked for."""
        body = parsed(ExplainedSerializer, request)
        services.approve_adjustment(adjustment_id=adjustment_id, actor=user_of(request), **body)
        return _shown(adjustment_id)


class AdjustmentRejectionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ExplainedSerializer, response=AdjustmentSerializer)
    def post(self, request: Request, adjustment_id: UUID) -> Response:
        """Refuse the correction that another admin asked for."""
        body = parsed(ExplainedSerializer, request)
        services.reject_adjustment(adjustment_id=adjustment_id, actor=user_of(request), **body)
        return _shown(adjustment_id)


def _shown(adjustment_id: UUID) -> Response:
    return Response(adjustment_json(_ROWS.get(pk=adjustment_id)))
