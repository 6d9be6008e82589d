"""The calls about what waits for a second person."""

from uuid import UUID

from django_filters import ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import approvals
from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, PublicUserSerializer
from accounts.api.staff_money import MoneyView
from accounts.models import Approval
from accounts.representations import approval_json
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView


class ApprovalSerializer(Body):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Approval.Kind.choices)
    subject = serializers.UUIDField(help_text="The person, the withdrawal, or the adjustment.")
    user = PublicUserSerializer(help_text="Whom it is about.")
    payload = serializers.DictField(help_text="What exactly will happen.")
    reason = serializers.CharField()
    status = serializers.ChoiceField(Approval.Status.choices)
    requested_by = PublicUserSerializer()
    decided_by = PublicUserSerializer(allow_null=True)
    note = serializers.CharField(allow_null=True, help_text="Of who decided.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="Until when staff owe a decision.")
    expires_at = serializers.DateTimeField(help_text="Then it has to be asked for again.")
    decided_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class ApprovingSerializer(Body):
    note = serializers.CharField(max_length=500, required=False)


class RefusingSerializer(Body):
    note = serializers.CharField(max_length=500, help_text="Who asked reads it.")


class ApprovalFilters(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=Approval.Status.choices)
    kind = ChoiceFilter(choices=Approval.Kind.choices)

    class Meta:
        model = Approval
        fields = ["status", "kind"]


_FILTERS: list[OpenApiParameter] = parameters_of(ApprovalFilters)


class ApprovalsView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=ApprovalSerializer, paged=True, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List what waits for a second person, and what became of it, newest first."""
        return paginate(request, filtered(ApprovalFilters, request, approvals.approvals()), approval_json)


class ApprovalView(MoneyView):
    @api(request=ApprovingSerializer, response=ApprovalSerializer)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Let happen, as another admin than the one who asked, what was asked for."""
        body = parsed(ApprovingSerializer, request)
        return Response(approval_json(approvals.approve(approval_id=approval_id, actor=user_of(request), **body)))


class RefusalView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=RefusingSerializer, response=ApprovalSerializer)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say no, as another admin: nothing happens."""
        body = parsed(RefusingSerializer, request)
        return Response(approval_json(approvals.refuse(approval_id=approval_id, actor=user_of(request), **body)))


class TakingBackView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=ApprovalSerializer)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Ask no more, as who asked."""
        return Response(approval_json(approvals.take_back(approval_id=approval_id, actor=user_of(request))))
