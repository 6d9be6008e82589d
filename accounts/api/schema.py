"""The OpenAPI document of staff's calls."""

import functools
import json

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.api.permissions import IsStaffMember
from iqx.core.api.schema import openapi_document
from iqx.core.api.views import IqxView


class StaffSchemaView(IqxView):
    """Made once per process, as it takes a while."""

    permission_classes = [IsStaffMember]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(_schema_json(), content_type="application/vnd.oai.openapi+json")


@functools.cache
def _schema_json() -> bytes:
    return json.dumps(openapi_document(for_staff=True)).encode()
