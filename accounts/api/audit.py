"""The audit trail, to read."""

from typing import Any

from django_filters import CharFilter, FilterSet, IsoDateTimeFilter, UUIDFilter
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import ReadsTheTrail
from accounts.api.serializers import Body
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.clock import rfc3339
from iqx.core.models import AuditRecord


class AuditSubjectSerializer(Body):
    kind = serializers.CharField()
    id = serializers.CharField()


class AuditRecordSerializer(Body):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.UUIDField(allow_null=True, help_text="Null: the operator, at the server's command line.")
    actor_role = serializers.CharField(allow_null=True)
    action = serializers.CharField()
    subject = AuditSubjectSerializer()
    user = serializers.UUIDField(allow_null=True, help_text="Whom it is about.")
    before = serializers.DictField()
    after = serializers.DictField()
    reason = serializers.CharField(allow_null=True)
    ip = serializers.CharField(allow_null=True)
    user_agent = serializers.CharField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)
    entrance = serializers.CharField(allow_null=True, help_text="The request or command that did it.")
    digest = serializers.CharField()
    batch = serializers.IntegerField(allow_null=True, help_text="Of the chain; null: not sealed yet.")


def audit_record_json(record: AuditRecord) -> dict[str, Any]:
    return {
        "id": record.pk,
        "at": rfc3339(record.at),
        "actor": str(record.actor_id) if record.actor_id else None,
        "actor_role": record.actor_role or None,
        "action": record.action,
        "subject": {"kind": record.subject_kind, "id": record.subject_id},
        "user": str(record.user_id) if record.user_id else None,
        "before": record.before,
        "after": record.after,
        "reason": record.reason or None,
        "ip": record.ip or None,
        "user_agent": record.user_agent or None,
        "request_id": record.request_id or None,
        "entrance": record.entrance or None,
        "digest": record.digest,
        "batch": record.batch_id,
    }


class AuditFilters(FilterSet):  # type: ignore[misc]
    actor = UUIDFilter(field_name="actor_id")
    user = UUIDFilter(field_name="user_id", help_text="Whom it is about.")
    action = CharFilter()
    subject = CharFilter(field_name="subject_id")
    since = IsoDateTimeFilter(field_name="at", lookup_expr="gte")

    class Meta:
        model = AuditRecord
        fields = ["actor", "user", "action", "subject", "since"]


_FILTERS: list[OpenApiParameter] = parameters_of(AuditFilters)


class AuditTrailView(IqxView):
    permission_classes = [ReadsTheTrail]

    @api(response=AuditRecordSerializer, paged=True, parameters=_FILTERS)
    def get(self, request: Request) -> Response:
        """List, for admins and auditors, what staff did and what they read, newest first."""
        return paginate(request, filtered(AuditFilters, request, AuditRecord.objects.all()), audit_record_json)
