"""REST, pages and the feed for an ASGI server (`manage.py serve`), and the feed's ties to the applications."""

import os

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

from iqx.core import slots, telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iqx.settings")
slots.enter(settings.METRICS_DIR, "web")
telemetry.start("web")

django = get_asgi_application()

from accounts.browser_sessions import browser_of  # noqa: E402 the applications are ready only now
from accounts.feed import live_sessions  # noqa: E402
from accounts.services import authenticate_access  # noqa: E402
from iqx.core.feed.app import Feed  # noqa: E402
from iqx.core.feed.ports import Ports  # noqa: E402
from orders.selectors import book_snapshot, market_exists  # noqa: E402

feed = Feed(
    Ports(
        authenticate=authenticate_access,
        recognise=browser_of,
        live_sessions=live_sessions,
        market_exists=market_exists,
        book_snapshot=book_snapshot,
    )
)

application = ProtocolTypeRouter({"http": django, "websocket": feed, "lifespan": feed})
