"""Access tokens, `Authorization: Bearer <token>`, and API keys, `Authorization: Key <key>`."""

from typing import Final

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed as Refused
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request

from accounts import keys
from accounts.errors import AuthenticationFailed, ScopeMissing
from accounts.models import ApiKey, Scope, User
from accounts.selectors import live_session_of
from accounts.tokens import Principal, read_access
from iqx.core.api.clients import client_address


class SessionJWTAuthentication(BaseAuthentication):
    """One query: the token's session, with its user. `request.auth` is the `Principal`."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            principal = read_access(token.strip())
        except AuthenticationFailed as error:
            raise Refused from error
        session = live_session_of(principal)
        if session is None:
            raise Refused
        return session.user, principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="iqx"'


# A key changes nothing of what protects the account, and does nothing of staff's, whatever its scopes.
CLOSED_TO_KEYS: Final = ("/api/v1/auth/", "/api/auth/", "/api/admin/", "/api/monitor/")


class ApiKeyAuthentication(BaseAuthentication):
    """One query: the key, with its user, whose scopes must have what the view needs. `request.auth` is the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Raises: ScopeMissing, KeyAddressRefused."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "key":
            return None
        try:
            key = keys.key_of(secret.strip(), client_address(request._request))  # noqa: SLF001 DRF documents it
        except AuthenticationFailed as error:
            raise Refused from error
        if not _is_public(request):
            needed = scope_needed(request)
            if needed not in key.scopes:
                raise ScopeMissing(scope=needed)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Key realm="iqx"'


def scope_needed(request: Request) -> Scope | None:
    """What a key needs for a request; None where no key is let in. A view's `key_scope` is for what it changes."""
    if request.path.startswith(CLOSED_TO_KEYS):
        return None
    if request.method in SAFE_METHODS:
        return Scope.READ
    return getattr(_view_of(request), "key_scope", Scope.TRADE)


def _is_public(request: Request) -> bool:
    return AllowAny in getattr(_view_of(request), "permission_classes", ())


def _view_of(request: Request) -> object:
    return request.parser_context.get("view")
