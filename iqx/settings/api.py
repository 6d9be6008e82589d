"""REST: rendering, authentication, the schema."""

from typing import Any

from iqx import __version__

__all__ = ["APPEND_SLASH", "REST_FRAMEWORK", "SPECTACULAR_SETTINGS"]

APPEND_SLASH = False

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.SessionJWTAuthentication",
        "accounts.api.authentication.ApiKeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "iqx.core.api.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "iqx.core.api.schema.IqxSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "IQX",
    "DESCRIPTION": "P2P trading of USDT against fiat money: orders, matching, escrowed trades, wallets, feeds.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],  # each field keeps its own choices; shared names for them would collide
    "SCHEMA_PATH_PREFIX": r"/api(/v1)?",
    "OAS_VERSION": "3.1.0",
}
