"""The addresses of pages, in the namespace `web`. Each app has its own in `<app>/views/urls.py`."""

from django.urls import include, path

from iqx.web import views

app_name = "web"

urlpatterns = [
    path("", include("accounts.views.urls")),
    path("", include("trades.views.urls")),
    path("", include("wallets.views.urls")),
    path("", include("disputes.views.urls")),
    path("", include("support.views.urls")),
    path("", include("iqx.notices.views.urls")),
    path("offline", views.offline, name="offline"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service-worker"),
    path("theme", views.choose_theme, name="theme"),
    path("language", views.choose_language, name="language"),
]
