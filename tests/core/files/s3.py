"""A server that speaks as much S3 as the private storage uses: objects and their listing, for signed requests alone."""

from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class Bucket(ThreadingHTTPServer):
    """One bucket: `objects` by key, and what was asked with which signature."""

    daemon_threads = True

    def __init__(self, access_key: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.access_key = access_key
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Bucket

    def do_PUT(self) -> None:
        content = self._body()
        if self._is_signed():
            self.server.objects[self._key] = content, datetime.now(UTC)
            self._answer(200)

    def do_GET(self) -> None:
        if not self._is_signed():
            return
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query or "prefix" in query:
            self._list(query["prefix"][0])
        elif self._key in self.server.objects:
            self._answer(200, self.server.objects[self._key][0], self._about)
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_HEAD(self) -> None:
        if self._is_signed():
            known = self._key in self.server.objects
            self._answer(200 if known else 404, self.server.objects[self._key][0] if known else b"", self._about)

    def do_DELETE(self) -> None:
        if self._is_signed():
            self.server.objects.pop(self._key, None)
            self._answer(204)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    @property
    def _about(self) -> dict[str, str]:
        known = self.server.objects.get(self._key)
        return {"Last-Modified": format_datetime(known[1], usegmt=True), "ETag": '"1"'} if known else {}

    def _is_signed(self) -> bool:
        signed = f"AWS4-HMAC-SHA256 Credential={self.server.access_key}/" in self.headers.get("Authorization", "")
        if not signed:
            self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        return signed

    def _body(self) -> bytes:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return raw
        content, rest = b"", raw
        while rest:
            line, _, rest = rest.partition(b"\r\n")
            size = int(line.partition(b";")[0], 16)
            if not size:
                break
            content, rest = content + rest[:size], rest[size + 2 :]
        return content

    def _list(self, prefix: str) -> None:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<Size>{len(content)}</Size></Contents>"
            for key, (content, at) in self.server.objects.items()
            if key.startswith(prefix)
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self._answer(200, body.encode())

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
