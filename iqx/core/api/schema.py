"""How the OpenAPI document is made: `IqxSchema` says what all views share, `api` what one handler takes and gives."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from iqx.core.api import pagination, problems

Item = type[serializers.BaseSerializer] | serializers.BaseSerializer | None
F = TypeVar("F", bound=Callable[..., Any])


class FaultSerializer(serializers.Serializer):
    field = serializers.CharField(allow_null=True, help_text="Dotted path into the body; null: the whole of it.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457. Clients branch on `code`; some codes carry more members."""

    type = serializers.CharField(help_text="Address, relative to the server, of the description of `code`.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = FaultSerializer(many=True)  # type: ignore[assignment]  # DRF takes declared fields out of the class


class AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.SessionJWTAuthentication"
    name = "access_token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.ApiKeyAuthentication"
    name = "api_key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Key <key>`, from /api/v1/auth/api-keys.",
        }


def api(
    *,
    request: Item | Mapping[str, Item] = None,
    response: Item = None,
    status: int = 200,
    paged: bool = False,
    csv: bool = False,
    may_be_unchanged: bool = False,
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[F], F]:
    """Declare a handler for the OpenAPI document; its docstring is the description, the first line the summary.

    `request` is one serializer, or one per media type. `response` describes one item if `paged`, and nothing at all if
    it is None. With `csv` the list can be had as a file, too. What `may_be_unchanged` answers 304 to a known `ETag`.
    """
    if paged:
        response = page_of(cast("type[serializers.BaseSerializer]", response))  # type: ignore[arg-type]
        parameters = [*PAGE_PARAMETERS, *parameters]
    responses: dict[Any, Any] = {status: response}
    if csv:
        responses = {(status, "application/json"): response, (status, "text/csv"): str}
        parameters = [*parameters, _CSV_PARAMETER]
    if may_be_unchanged:
        responses[304] = OpenApiResponse(description="It is still as the `ETag` in If-None-Match says")
    return extend_schema(request=request, responses=responses, parameters=list(parameters))


@functools.cache
def page_of(item: type[serializers.BaseSerializer]) -> serializers.Serializer:
    """The serializer of a cursor page of `item`."""
    fields = {
        "results": item(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return inline_serializer(f"{item.__name__.removesuffix('Serializer')}Page", fields)


PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="From a page's `next` or `previous`; opaque."),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": pagination.MAX_LIMIT, "default": pagination.DEFAULT_LIMIT},
    ),
]

_CSV_PARAMETER = OpenApiParameter("format", str, enum=["json", "csv"], default="json", description="csv: all of it.")


class IqxSchema(AutoSchema):
    def get_operation_id(self) -> str:
        """Method and path, so that it is unique and stays what it is: `post_orders_by_id_cancel`."""
        path = self.path.removeprefix("/api/").removeprefix("v1/")
        return re.sub(r"[^a-z0-9]+", "_", f"{self.method.lower()}_{path.replace('{', 'by_')}".lower()).strip("_")

    def get_description(self) -> str:  # type: ignore[override]
        own = getattr(self.view, self.method.lower()).__doc__ or type(self.view).__doc__
        return inspect.cleandoc(own or "")

    def get_summary(self) -> str | None:
        return self.get_description().partition("\n")[0].rstrip(".") or None

    def get_override_parameters(self) -> list[Any]:
        parameters = super().get_override_parameters()
        if self.method != "POST":
            return parameters
        view: Any = self.view
        if getattr(view, "idempotency", "off") != "off" and not self._is_public():
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    {"type": "string", "pattern": "^[!-~]{1,255}$"},
                    OpenApiParameter.HEADER,
                    required=view.idempotency_required,
                    description="Makes a repeat harmless: it is answered as the first was, and has no effect.",
                )
            )
        if getattr(view, "dry_run_allowed", False):
            parameters.append(OpenApiParameter("validate_only", bool, description="Check all, change nothing."))
        return parameters

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation:
            if method == "POST" and getattr(self.view, "dry_run_allowed", False) and "201" in operation["responses"]:
                operation["responses"]["200"] = operation["responses"]["201"] | {"description": "Of a dry run."}
            reference = self.resolve_serializer(ProblemSerializer(), "response").ref
            for status in sorted(self._problem_statuses()):
                operation["responses"].setdefault(
                    str(status),
                    {
                        "description": HTTPStatus(status).phrase,
                        "content": {problems.CONTENT_TYPE: {"schema": reference}},
                    },
                )
        return operation

    def _problem_statuses(self) -> set[int]:
        statuses = {400, 429, 503}
        if not self._is_public():
            statuses |= {401, 403}
        if "{" in self.path or self.method == "DELETE":
            statuses.add(404)
        if self.method != "GET":
            statuses |= {401, 403, 409, 413, 415, 422}
        return statuses

    def _is_public(self) -> bool:
        return AllowAny in self.view.permission_classes or not self.view.permission_classes


STAFF_PREFIX: Final = "/api/admin/"


class _Generator(SchemaGenerator):
    """Describes what is for staff, or all the rest."""

    def __init__(self, *, for_staff: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._for_staff = for_staff

    def _get_paths_and_endpoints(self) -> list[Any]:
        endpoints = super()._get_paths_and_endpoints()  # type: ignore[no-untyped-call]
        return [endpoint for endpoint in endpoints if endpoint[0].startswith(STAFF_PREFIX) is self._for_staff]


def openapi_document(*, for_staff: bool = False) -> dict[str, Any]:
    """The OpenAPI document of the platform, or that of what its staff have."""
    document = cast("dict[str, Any]", _Generator(for_staff=for_staff).get_schema(public=True))  # type: ignore[no-untyped-call]
    if for_staff:
        document["info"] |= {"title": "IQX for staff", "description": "What support, admins and auditors have."}
    return document
