"""The OpenAPI document, as the list of everything that may be asked of the platform."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iqx.core.api.schema import openapi_document

STAFF_PREFIX = "/api/admin/"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    described: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_public(self) -> bool:
        return {} in self.described["security"]

    @property
    def is_for_staff(self) -> bool:
        return self.path.startswith(STAFF_PREFIX)

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.described

    @property
    def path_parameters(self) -> list[str]:
        return [p["name"] for p in self.described.get("parameters", ()) if p["in"] == "path"]

    @property
    def answer(self) -> Any:
        """The schema of a good JSON answer; an empty one if there is none."""
        for status, response in self.described["responses"].items():
            if status.startswith("2"):
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                return _resolved(schema, for_staff=self.is_for_staff)
        return {}

    @property
    def is_list(self) -> bool:
        """Whether it answers with a cursor page."""
        return {"results", "next"} <= set(self.answer.get("properties", ()))


@functools.cache
def document(*, for_staff: bool = False) -> dict[str, Any]:
    return openapi_document(for_staff=for_staff)


def operations() -> Iterator[Operation]:
    """Of both documents."""
    for for_staff in (False, True):
        for path, item in document(for_staff=for_staff)["paths"].items():
            for method, described in item.items():
                yield Operation(method.upper(), path, described)


def _resolved(schema: Any, *, for_staff: bool) -> Any:
    if "$ref" not in schema:
        return schema
    return document(for_staff=for_staff)["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
