"""Private files, by their signed links."""

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from iqx.core.api.system import PublicView
from iqx.core.errors import NotFound
from iqx.core.files.examining import PDF
from iqx.core.files.links import GOOD_FOR_S, file_of, note_reading
from iqx.core.files.receiving import content_of


class StoredFileSerializer(serializers.Serializer[Any]):
    """`iqx.core.files.file_json`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(help_text="On this server; good for some minutes, then read the object again.")


class FileView(PublicView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, token: str) -> HttpResponse:
        """Fetch a file, by the `url` of the object that it belongs to: good for some minutes, for whoever has it.

        Images are shown where they are linked; documents are downloads. Nothing in them can run on this origin.
        """
        file, reader_id = file_of(token)
        if reader_id is not None:
            note_reading(file=file, reader_id=reader_id)
        try:
            content = content_of(file)
        except FileNotFoundError:
            raise NotFound from None
        as_download = file.content_type == PDF
        return HttpResponse(
            content,
            content_type=file.content_type,
            headers={
                "Content-Disposition": content_disposition_header(as_download, file.name) or "attachment",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cross-Origin-Resource-Policy": "same-origin",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": f"private, max-age={GOOD_FOR_S}",
            },
        )
