"""Errors reach Sentry and traces a collector, both without secrets: held against a server of our own."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from django.conf import settings

_ASK = """
import os
from iqx.core import telemetry
import django; django.setup()
telemetry.start("web")
telemetry.start("web")
import logging
from django.test import Client
Client().get("/api/health", headers={"X-Request-ID": "mine-1", "Authorization": "Bearer abcdefghijklmnopqrst"})
try:
    raise RuntimeError("password=abcdefghijklmnopqrst")
except RuntimeError:
    logging.getLogger("iqx").exception("Unforeseen")
if os.environ.get("IQX_SENTRY_DSN"):
    import sentry_sdk; sentry_sdk.flush(5)
else:
    from opentelemetry import trace; trace.get_tracer_provider().force_flush(5000)
"""


@contextmanager
def listening() -> Iterator[tuple[int, dict[str, bytes]]]:
    """A server that keeps the body of the last POST to each address."""
    received: dict[str, bytes] = {}

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received[self.path] = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Keep)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, received
    server.shutdown()
    server.server_close()
    thread.join()


def ask(**environment: str) -> None:
    base = {"DJANGO_SETTINGS_MODULE": "iqx.settings", "DATABASE_URL": "postgresql:///none", "PATH": ""}
    subprocess.run(
        [sys.executable, "-c", _ASK],
        env=base | environment,
        cwd=settings.BASE_DIR,
        check=True,
        timeout=60,
        stderr=subprocess.DEVNULL,
    )


def test_errors_and_traces_are_sent_without_secrets() -> None:
    with listening() as (port, received):
        ask(IQX_SENTRY_DSN=f"http://public@127.0.0.1:{port}/1")
        event = received["/api/1/envelope/"]
        assert b"RuntimeError" in event
        assert b"mine-1" in event
        assert b"abcdefghijklmnopqrst" not in event
        ask(IQX_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
        trace = received["/v1/traces"]
        assert b"api/health" in trace
        assert b"iqx-web" in trace
        assert b"mine-1" in trace
        assert b"abcdefghijklmnopqrst" not in trace
