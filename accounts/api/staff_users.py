"""The calls about people, for staff: to find them, and to act on their accounts."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.approvals import ApprovalSerializer
from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, UserSerializer
from accounts.models import KycStatus, Role, User
from accounts.representations import approval_json, staff_user_json
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import NotFound


class StaffUserSerializer(UserSerializer):
    suspended = serializers.BooleanField()
    withdrawals_held_until = serializers.DateTimeField(allow_null=True)


class ReasonSerializer(Body):
    reason = serializers.CharField(max_length=500, help_text="It is kept in the audit trail.")


class RoleChangeSerializer(ReasonSerializer):
    role = serializers.ChoiceField(Role.choices)


class LoggedOutSerializer(Body):
    sessions = serializers.IntegerField(help_text="That were ended.")


class UserFilters(FilterSet):  # type: ignore[misc]
    search = CharFilter(method="filter_search", help_text="The id, how the e-mail begins, or part of the name.")
    role = ChoiceFilter(choices=Role.choices)
    kyc_status = ChoiceFilter(choices=KycStatus.choices)
    suspended = BooleanFilter(field_name="is_active", exclude=True)

    class Meta:
        model = User
        fields = ["search", "role", "kyc_status", "suspended"]

    def filter_search(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        try:
            return queryset.filter(pk=UUID(value))
        except ValueError:
            return queryset.filter(Q(email__startswith=value.lower()) | Q(display_name__icontains=value))


_FILTERS: list[OpenApiParameter] = parameters_of(UserFilters)


class StaffUsersView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffUserSerializer, paged=True, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List all people, or those one looks for, the newest first."""
        return paginate(request, filtered(UserFilters, request, User.objects.all()), staff_user_json)


class StaffUserView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=StaffUserSerializer)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Show a person's account."""
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise NotFound
        return Response(staff_user_json(user))


class SuspensionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=StaffUserSerializer)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Shut a person out, and end his sessions."""
        body = parsed(ReasonSerializer, request)
        return Response(staff_user_json(services.suspend_user(user_id=user_id, actor_id=user_of(request).pk, **body)))


class ReinstatementView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=StaffUserSerializer)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Undo a suspension."""
        body = parsed(ReasonSerializer, request)
        return Response(staff_user_json(services.reinstate_user(user_id=user_id, actor_id=user_of(request).pk, **body)))


class LogoutView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=LoggedOutSerializer)
    def post(self, request: Request, user_id: UUID) -> Response:
        """End all sessions of a person."""
        body = parsed(ReasonSerializer, request)
        return Response({"sessions": services.log_out_user(user_id=user_id, actor_id=user_of(request).pk, **body)})


class RoleView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=RoleChangeSerializer, response=ApprovalSerializer, status=202)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Ask, as an admin, that a person get another role; another admin approves it."""
        body = parsed(RoleChangeSerializer, request)
        asked = services.ask_for_role(user_id=user_id, actor_id=user_of(request).pk, **body)
        return Response(approval_json(asked), status=202)


class TwoFactorResetView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=ReasonSerializer, response=ApprovalSerializer, status=202)
    def post(self, request: Request, user_id: UUID) -> Response:
        """Ask that a lost second factor be taken away; an admin approves it."""
        body = parsed(ReasonSerializer, request)
        asked = services.ask_for_two_factor_reset(user_id=user_id, actor_id=user_of(request).pk, **body)
        return Response(approval_json(asked), status=202)
