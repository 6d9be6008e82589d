"""gunicorn for REST and pages: `gunicorn -c deploy/gunicorn_conf.py iqx.wsgi`.

WEB_CONCURRENCY and IQX_WEB_THREADS size it; PORT is where it listens, unless a manager hands it a socket (LISTEN_FDS).
A file named by IQX_READY_FILE is there while the first of its workers can serve: what a rolling restart waits for.
"""

import contextlib
import os
from pathlib import Path

_ready = Path(os.environ["IQX_READY_FILE"]) if "IQX_READY_FILE" in os.environ else None

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("IQX_WEB_THREADS", "4"))
# What a worker has accepted dies with it; the rest waits in the socket, for whoever is free.
worker_connections = 4 * threads
keepalive = 5
timeout = 30
graceful_timeout = 25
worker_tmp_dir = "/dev/shm"  # noqa: S108 its heartbeat must not wait for a disk
accesslog = None  # the proxy's log has every request, with its id
errorlog = "-"
control_socket_disable = True


def on_starting(_server: object) -> None:
    if _ready:
        with contextlib.suppress(FileNotFoundError):
            _ready.unlink()


def post_worker_init(_worker: object) -> None:
    """The application is loaded, and the next thing is to accept."""
    if _ready:
        _ready.touch()
