"""Reading multipart forms, for the views that take files: bounded while they are read, and as strict as JSON.

A view opts in by deriving from `FileBody` and `parser_classes = FILES_AND_JSON` (or `FILES`), and takes files by an
`UploadField` of its serializer; `iqx.core.files.receive` looks into them. For the OpenAPI document it names one
serializer per media type: `@api(request={"application/json": Plain, "multipart/form-data": WithFile}, ...)`.
"""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, ClassVar, Final

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request

from iqx.core.api.errors import Malformed
from iqx.core.api.parsers import StrictJSONParser
from iqx.core.files.errors import FileTooLarge
from iqx.core.files.examining import MAX_BYTES

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class MultipartParser(BaseParser):
    """Texts and files of a form. A text may be there once, hold no NUL, and be no longer than a JSON body."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[QueryDict, MultiValueDict[str, UploadedFile]]":
        request = (parser_context or {})["request"]
        meta = request.META | {"CONTENT_TYPE": media_type}
        try:
            texts, files = MultiPartParser(meta, stream, [_InMemory()], settings.DEFAULT_CHARSET).parse()  # type: ignore[arg-type]
        except (MultiPartParserError, UnicodeError, ValueError) as error:
            raise Malformed(f"The form could not be read: {error}") from None
        for name, values in texts.lists():
            if len(values) > 1:
                raise Malformed("The form names the same field twice.")
            if any(_UNSTORABLE.search(text) for text in (name, *values)):
                raise Malformed("A text holds a NUL character or half a surrogate pair.")
        return DataAndFiles(texts, files)


class _InMemory(FileUploadHandler):
    """Files stay in memory, each within its bound; the server bounds the whole body. Nothing is left on the disk."""

    _file: BytesIO

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 as Django has it
        super().new_file(*args, **kwargs)
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MAX_BYTES:
            raise FileTooLarge(limit=MAX_BYTES)
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self._file.seek(0)
        return InMemoryUploadedFile(
            self._file, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )


FILES: Final[list[type[BaseParser]]] = [MultipartParser]
FILES_AND_JSON: Final[list[type[BaseParser]]] = [StrictJSONParser, MultipartParser]


@extend_schema_field({"type": "string", "format": "binary"})
class UploadField(serializers.FileField):
    """A file of a form: JPEG, PNG or WebP, or PDF, up to 10 MB. It is looked into by `files.receive`, not here."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, allow_empty_file=True, max_length=255)


class FileSerializer(serializers.Serializer[Any]):
    """A file as it is shown; see `iqx.core.files.file_json`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(help_text="Address on this server; good for some minutes.")


class FileBody:
    """For views that take files: a request with one costs as much of the quota as `FILE_COST` others."""

    FILE_COST: ClassVar[int] = 10

    def quota_cost(self, request: Request) -> int:
        return self.FILE_COST if (request.content_type or "").startswith("multipart/") else 1
