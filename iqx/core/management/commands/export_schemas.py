from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from iqx.core.api.schema import openapi_document
from iqx.core.management.export import ExportCommand


class Command(ExportCommand):
    help = "Write docs/openapi*.yaml from the views. Fails if a view is not described well enough."
    target = Path(settings.BASE_DIR, "docs", "openapi.yaml")

    def documents(self) -> Iterator[tuple[Path, str]]:
        yield self.target, self.render()
        yield self.target.with_name("openapi-admin.yaml"), self._render(for_staff=True)

    def render(self) -> str:
        return self._render()

    def _render(self, *, for_staff: bool = False) -> str:
        GENERATOR_STATS.reset()
        schema = openapi_document(for_staff=for_staff)
        if GENERATOR_STATS:
            GENERATOR_STATS.emit_summary()
            raise CommandError("The OpenAPI document has gaps; see above.")
        validate_schema(schema)  # type: ignore[no-untyped-call]
        return bytes(OpenApiYamlRenderer().render(schema)).decode()  # type: ignore[no-untyped-call]
