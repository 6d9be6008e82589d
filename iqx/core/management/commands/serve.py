"""The web server: REST and sockets in one process."""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from iqx.core import metrics, pulse
from iqx.core.models import PulseKind
from iqx.runtime.server import Server

_DEFAULT_THREADS = 12
"""Fewer than the database pool holds (16), so that the feed always finds a connection."""


class Command(BaseCommand):
    help = (
        "Serve the REST API, the pages and the WebSocket feed, all in one process, on HOST:PORT until Ctrl-C or "
        "SIGTERM. Behind a proxy that sends REST to WSGI workers, the same command serves the feed alone."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"), help="default: HOST, else 127.0.0.1")
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"), help="default: PORT, else 8000")
        parser.add_argument(
            "--threads",
            type=int,
            default=os.environ.get("IQX_WEB_THREADS", str(_DEFAULT_THREADS)),
            help=f"REST requests served at a time; default: IQX_WEB_THREADS, else {_DEFAULT_THREADS}",
        )

    def handle(self, *_args: object, host: str, port: int, threads: int, **_options: object) -> None:
        if not 0 <= port <= 65535 or threads < 1:
            raise CommandError("The port is a number from 0 to 65535, and there is at least one thread")
        application = import_string(settings.ASGI_APPLICATION)
        server = Server(application, host=host, port=port, threads=threads, say=self._say)
        stop_beating = pulse.start_beating(PulseKind.WEB, metrics.note_pool)
        server.run()
        stop_beating()
        if server.failed:
            raise CommandError(f"Can't listen on {host}:{port}: is another server there?")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
