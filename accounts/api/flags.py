"""The calls about flags: what rules against scams found, for staff to decide on."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, PublicUserSerializer
from accounts.models import Flag
from accounts.trust.flags import clear_flag, confirm_flag, flags
from accounts.trust.representations import flag_json
from accounts.trust.rules import RULES
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid

_FILTERS = {"status": Flag.Status.values, "code": [code for code, spec in RULES.items() if spec.severity]}


class SubjectSerializer(Body):
    kind = serializers.ChoiceField(Flag.Subject.choices)
    id = serializers.UUIDField()


class FlagSerializer(Body):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="Of the rule that raised it.")
    severity = serializers.ChoiceField(Flag.Severity.choices)
    subject = SubjectSerializer()
    user = PublicUserSerializer(help_text="Whom it is about.")
    because = serializers.CharField()
    status = serializers.ChoiceField(Flag.Status.choices)
    due_at = serializers.DateTimeField(allow_null=True, help_text="Until when staff owe a decision.")
    note = serializers.CharField(allow_null=True)
    decided_by = PublicUserSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class FlagDecisionSerializer(Body):
    note = serializers.CharField(max_length=500, required=False, help_text="Staff alone read it.")


class FlagsView(IqxView):
    permission_classes = [IsStaffMember]

    @api(
        response=FlagSerializer,
        paged=True,
        parameters=[OpenApiParameter(name, str, enum=values) for name, values in _FILTERS.items()],
    )
    def get(self, request: Request) -> Response:
        """List what the rules against scams found, newest first."""
        return paginate(request, _chosen(request), flag_json)


class FlagClearingView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=FlagDecisionSerializer, response=FlagSerializer)
    def post(self, request: Request, flag_id: UUID) -> Response:
        """Note that nothing is wrong; the rule is quiet about the same subject for a week."""
        body = parsed(FlagDecisionSerializer, request)
        return Response(flag_json(clear_flag(flag_id=flag_id, actor=user_of(request), **body)))


class FlagConfirmationView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=FlagDecisionSerializer, response=FlagSerializer)
    def post(self, request: Request, flag_id: UUID) -> Response:
        """Note that it is what it looks like. By itself this suspends nobody and stops nothing."""
        body = parsed(FlagDecisionSerializer, request)
        return Response(flag_json(confirm_flag(flag_id=flag_id, actor=user_of(request), **body)))


def _chosen(request: Request) -> QuerySet[Flag]:
    """Those that the query asks for. Raises: Invalid."""
    rows = flags()
    for name, values in _FILTERS.items():
        value = request.query_params.get(name)
        if value is not None and value not in values:
            raise Invalid(f"There is no such {name}.", field=name)
        if value is not None:
            rows = rows.filter(**{name: value})
    return rows
