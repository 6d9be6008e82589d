"""Endpoints for operators and their machines."""

import json
import os
import platform
import shutil
import sys

import django
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from prometheus_client.exposition import choose_encoder
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import SessionJWTAuthentication
from accounts.api.requests import user_of
from iqx import __version__
from iqx.core import clock, slots
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.ops import collectors, readiness
from iqx.ops.api.access import MayMonitor, MonitorToken, has_monitor_token
from iqx.ops.privacy import export_of


class ReadinessSerializer(serializers.Serializer):
    status = serializers.ChoiceField(["ok", "degraded", "failed"])
    checks = serializers.DictField(child=serializers.ChoiceField(["ok", "degraded", "failed"]))
    details = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="with the monitor token alone"
    )


_STRICT = OpenApiParameter("strict", bool, description="Answer 503 also when degraded: for an uptime monitor.")


class ReadinessView(IqxView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(parameters=[_STRICT], responses={200: ReadinessSerializer, 503: ReadinessSerializer})
    def get(self, request: Request) -> Response:
        """Readiness: 503 while something is away without which this process can't serve.

        That is the database, and a clock that agrees with the database's. `degraded` means that it serves, and that
        somebody should look: Redis, the worker, or the audit of the books.
        """
        outcomes = readiness.check()
        serves = "ok", "degraded"
        accepted = serves[:1] if request.query_params.get("strict") == "true" else serves
        report = readiness.report(outcomes, in_full=has_monitor_token(request))
        return Response(report, status=200 if report["status"] in accepted else 503)


class OperatorView(IqxView):
    """For the monitor token and for admins; not rationed, since a scrape that is refused is a gap in every chart."""

    authentication_classes = (MonitorToken, SessionJWTAuthentication)
    permission_classes = (MayMonitor,)
    throttle_classes = ()


class ProcessSerializer(serializers.Serializer):
    slot = serializers.CharField(help_text="kind and number, such as web-0")
    pid = serializers.IntegerField()
    resident_bytes = serializers.FloatField(required=False)
    cpu_seconds = serializers.FloatField(required=False)
    threads = serializers.FloatField(required=False)
    open_files = serializers.FloatField(required=False)
    start_time_seconds = serializers.FloatField(required=False)


class SystemSerializer(serializers.Serializer):
    version = serializers.CharField()
    environment = serializers.ChoiceField(["sandbox", "production"])
    time = serializers.DateTimeField()
    host = serializers.CharField()
    python = serializers.CharField()
    django = serializers.CharField()
    postgresql = serializers.CharField()
    cpus = serializers.IntegerField()
    load = serializers.ListField(child=serializers.FloatField(), help_text="of 1, 5 and 15 minutes")
    disk_free_bytes = serializers.IntegerField(help_text="where IQX_DATA_DIR is")
    database_embedded = serializers.BooleanField()
    redis = serializers.BooleanField(help_text="whether there is one")
    processes = ProcessSerializer(many=True, help_text="of this machine")


class SystemView(OperatorView):
    @api(response=SystemSerializer)
    def get(self, request: Request) -> Response:
        """What runs here: versions, load, and the processes of this machine."""
        processes = slots.processes() or [slots.Process("this", os.getpid())]
        return Response(
            {
                "version": __version__,
                "environment": "production" if settings.PRODUCTION else "sandbox",
                "time": clock.rfc3339(clock.now()),
                "host": platform.node(),
                "python": sys.version.split()[0],
                "django": django.get_version(),
                "postgresql": _postgresql_version(),
                "cpus": os.cpu_count() or 1,
                "load": os.getloadavg(),
                "disk_free_bytes": shutil.disk_usage(settings.BASE_DIR).free,
                "database_embedded": settings.DATABASE_IS_EMBEDDED,
                "redis": bool(settings.REDIS_URL),
                "processes": [
                    {"slot": process.slot, "pid": process.pid, **(collectors.usage_of(process.pid) or {})}
                    for process in processes
                ],
            }
        )


def _postgresql_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return str(version)


class SampleSerializer(serializers.Serializer):
    name = serializers.CharField()
    labels = serializers.DictField(child=serializers.CharField())
    value = serializers.FloatField()


class MetricSerializer(serializers.Serializer):
    help = serializers.CharField()
    type = serializers.CharField()
    samples = SampleSerializer(many=True)


class MetricsSerializer(serializers.Serializer):
    time = serializers.DateTimeField()
    metrics = serializers.DictField(child=MetricSerializer())


class MetricsJsonView(OperatorView):
    @api(response=MetricsSerializer)
    def get(self, request: Request) -> Response:
        """Every metric, by name, as `/metrics` has them for Prometheus."""
        return Response({"time": clock.rfc3339(clock.now()), "metrics": collectors.as_json()})


class MetricsView(OperatorView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Every metric, in Prometheus's own format."""
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return HttpResponse(encode(collectors.registry()), content_type=content_type)


class ExportSerializer(serializers.Serializer):
    exported_at = serializers.DateTimeField()
    account = serializers.DictField()
    data = serializers.DictField(help_text="rows by table")  # type: ignore[assignment]  # a field, as DRF has it
    events = serializers.ListField(child=serializers.DictField())


class OwnExportView(IqxView):
    """Costs as much as fifty reads: it reads everything."""

    def quota_cost(self, request: Request) -> int:
        return 50

    @api(response=ExportSerializer)
    def get(self, request: Request) -> HttpResponse:
        """All that the platform knows of its caller, as a file; what he sent himself is named, and not in it."""
        content = json.dumps(export_of(user_of(request)), default=str, ensure_ascii=False)
        response = HttpResponse(content, content_type="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="iqx-export.json"'
        response.headers["Cache-Control"] = "no-store"
        return response
