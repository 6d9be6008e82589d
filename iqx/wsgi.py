"""REST and pages for WSGI servers; the feed needs `iqx.asgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")

application = get_wsgi_application()
