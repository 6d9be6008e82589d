"""Applications, middleware, templates, and static files."""

from typing import Any

from iqx.settings.environment import BASE_DIR, env
from iqx.settings.files import private_storage

__all__ = [
    "ASGI_APPLICATION",
    "DEFAULT_AUTO_FIELD",
    "INSTALLED_APPS",
    "LANGUAGES",
    "LANGUAGE_CODE",
    "LOCALE_PATHS",
    "MIDDLEWARE",
    "ROOT_URLCONF",
    "STATIC_ROOT",
    "STATIC_URL",
    "STORAGES",
    "TEMPLATES",
    "TIME_ZONE",
    "UNFOLD",
    "USE_I18N",
    "USE_THOUSAND_SEPARATOR",
    "USE_TZ",
    "WHITENOISE_USE_FINDERS",
    "WSGI_APPLICATION",
]

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "iqx.core",
    "iqx.web",
    "iqx.notices",
    "accounts",
    "wallets",
    "orders",
    "trades",
    "disputes",
    "support",
    "iqx.ops",
    "iqx.desk",
]

MIDDLEWARE = [
    "iqx.core.api.middleware.MetricsMiddleware",
    "iqx.core.api.middleware.RequestIdMiddleware",
    "iqx.core.api.middleware.ApiProblemMiddleware",
    "iqx.core.api.middleware.LivenessMiddleware",
    "iqx.core.api.middleware.MaintenanceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "iqx.web.middleware.HeadersMiddleware",
    "iqx.web.middleware.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "iqx.web.middleware.PageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "iqx.web.middleware.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.web_sessions.BrowserUserMiddleware",
    "accounts.admin_door.AdminDoorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "iqx.desk.announcements.in_templates",
                "csp.context_processors.nonce",
                "iqx.web.context.theme",
            ],
        },
    },
]

ROOT_URLCONF = "iqx.urls"
ASGI_APPLICATION = "iqx.asgi.application"
WSGI_APPLICATION = "iqx.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("vi", "Tiếng Việt")]  # what people are written to in
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "iqx" / "web" / "locale"]  # of all pages; notices have their own
USE_I18N = True
USE_THOUSAND_SEPARATOR = False  # iqx.core.numbers groups; an id or a year in a page is no number
USE_TZ = True

UNFOLD = {
    "SITE_TITLE": "IQX",
    "SITE_HEADER": "IQX",
    "SITE_ICON": "iqx.desk.sidebar.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "iqx.desk.sidebar.icon"}],
    "DASHBOARD_CALLBACK": "iqx.desk.dashboard.fill",
    "STYLES": ["iqx.desk.sidebar.styles"],
    "SIDEBAR": {"show_search": True, "show_all_applications": True, "navigation": "iqx.desk.sidebar.navigation"},
}

STATIC_URL = "static/"
STATIC_ROOT = env.str("IQX_STATIC_ROOT", "") or None  # where collectstatic puts them for nginx
STORAGES: dict[str, dict[str, Any]] = {
    "private": private_storage(),
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # serves from the packages, so that no collectstatic is owed
