from pathlib import Path

from django.conf import settings

from iqx.core.api import catalog
from iqx.core.management.export import ExportCommand


class Command(ExportCommand):
    help = "Write docs/errors.md from the error classes in the code."
    target = Path(settings.BASE_DIR, "docs", "errors.md")

    def render(self) -> str:
        return catalog.as_markdown()
