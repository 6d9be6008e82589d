"""Who may look: whoever has the monitor token, and admins."""

from secrets import compare_digest
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.permissions import IsAdmin


class MonitorToken(BaseAuthentication):
    """`Authorization: Bearer <IQX_MONITOR_TOKEN>`. `request.auth` is this class."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, type["MonitorToken"]] | None:
        return (AnonymousUser(), MonitorToken) if has_monitor_token(request) else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="iqx"'


def has_monitor_token(request: Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.MONITOR_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and compare_digest(token.strip().encode(), expected.encode())


class MayMonitor(IsAdmin):
    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises: SecondFactorNeeded."""
        return request.auth is MonitorToken or super().has_permission(request, view)


class MonitorTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = MonitorToken
    name = "monitor_token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "IQX_MONITOR_TOKEN"}
