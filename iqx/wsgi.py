"""REST and pages for WSGI servers; the feed needs `iqx.asgi`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from iqx.core import slots, telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
slots.enter(settings.METRICS_DIR, "web")
telemetry.start("web")

application = get_wsgi_application()

from iqx.core import metrics, pulse  # noqa: E402 the applications are ready only now
from iqx.core.models import PulseKind  # noqa: E402

gc.freeze()  # what is loaded stays: collections need not walk through it time and again

# For servers that import this in each of their processes, as gunicorn does unless it preloads: a thread doesn't fork.
pulse.start_beating(PulseKind.WEB, metrics.note_pool)
