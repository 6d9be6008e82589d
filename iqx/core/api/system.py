"""Endpoints about the platform itself, open to all."""

import functools
import json

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from iqx import __version__
from iqx.core import clock, maintenance
from iqx.core.api import catalog, problems
from iqx.core.api.schema import api, openapi_document
from iqx.core.api.views import IqxView
from iqx.core.errors import NotFound


class PublicView(IqxView):
    """Needs no authentication, and looks at none: a stale token does no harm here."""

    authentication_classes = []
    permission_classes = [AllowAny]


class HealthSerializer(serializers.Serializer):
    status = serializers.CharField()
    version = serializers.CharField()


class HealthView(PublicView):
    throttle_classes = ()

    @api(response=HealthSerializer)
    def get(self, request: Request) -> Response:
        """Liveness: this process answers. It asks nothing else, neither database nor Redis."""
        return Response({"status": "ok", "version": __version__})


class TimeSerializer(serializers.Serializer):
    time = serializers.DateTimeField()


class TimeView(PublicView):
    @api(response=TimeSerializer)
    def get(self, request: Request) -> Response:
        """The platform's clock."""
        return Response({"time": clock.rfc3339(clock.now())})


class StatusSerializer(serializers.Serializer):
    status = serializers.ChoiceField(["open", "maintenance"])
    reason = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True, help_text="when it should be over, as far as is known")


class StatusView(PublicView):
    @api(response=StatusSerializer)
    def get(self, request: Request) -> Response:
        """Whether people may act, or only look: in maintenance every change is refused, and no deadline passes."""
        shut_by = maintenance.under_way()
        return Response(
            {
                "status": "maintenance" if shut_by else "open",
                "reason": shut_by.reason if shut_by else None,
                "since": clock.rfc3339(shut_by.started_at) if shut_by else None,
                "until": clock.rfc3339_or_none(shut_by.until) if shut_by else None,
            }
        )


class ErrorSerializer(serializers.Serializer):
    type = serializers.CharField()
    code = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


class ErrorView(PublicView):
    @api(response=ErrorSerializer)
    def get(self, request: Request, code: str) -> Response:
        """What an error code means: the `type` of a problem leads here."""
        for error in catalog.error_classes():
            if error.code == code:
                return Response(
                    {
                        "type": f"{problems.TYPE_PREFIX}{code}",
                        "code": code,
                        "status": error.status,
                        "detail": error.detail,
                    }
                )
        raise NotFound


class SchemaView(PublicView):
    """The OpenAPI document. Made once per process: it takes a while, and strangers may ask for it."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(_schema_json(), content_type="application/vnd.oai.openapi+json")


@functools.cache
def _schema_json() -> bytes:
    return json.dumps(openapi_document()).encode()


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files; its script is a request of its own, as the CSP demands."""

    authentication_classes = []
    permission_classes = [AllowAny]
    url_name = "schema"
