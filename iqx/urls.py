"""Every address of the platform."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.api.urls import auth_urlpatterns
from iqx.core.api.deprecation import deprecated
from iqx.ops.api.views import MetricsView

_AUTH = "/api/v1/auth/"
_OLD_AUTH = "/api/auth/"
_OLD_SINCE = datetime(2026, 11, 22, tzinfo=UTC)

urlpatterns = [
    path(f"{settings.ADMIN_PATH}/desk/", include("iqx.desk.urls")),
    path("", include("iqx.web.urls")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("api/", include("iqx.core.api.urls")),
    path("api/", include("iqx.ops.api.urls")),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("api/v1/auth/", include(auth_urlpatterns)),
    path(
        "api/auth/",
        include(deprecated(auth_urlpatterns, since=_OLD_SINCE, prefix=_OLD_AUTH, successor_prefix=_AUTH)),
    ),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("iqx.notices.api.urls")),
    path("api/v1/", include("wallets.api.urls")),
    path("api/v1/", include("orders.api.urls")),
    path("api/v1/", include("trades.api.urls")),
    path("api/v1/", include("disputes.api.urls")),
    path("api/v1/", include("support.api.urls")),
    path("api/v1/", include("iqx.desk.api.urls")),
    path("api/admin/", include("accounts.api.admin_urls")),
    path("api/admin/", include("wallets.api.admin_urls")),
    path("api/admin/", include("orders.api.admin_urls")),
    path("api/admin/", include("trades.api.admin_urls")),
    path("api/admin/", include("disputes.api.admin_urls")),
    path("api/admin/", include("support.api.admin_urls")),
]

handler400 = "iqx.web.views.bad_request"
handler403 = "iqx.web.views.forbidden"
handler404 = "iqx.web.views.not_found"
handler500 = "iqx.web.views.server_error"
