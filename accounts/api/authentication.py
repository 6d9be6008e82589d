"""Access tokens: `Authorization: Bearer <token>`."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed as Refused
from rest_framework.request import Request

from accounts.errors import AuthenticationFailed
from accounts.models import User
from accounts.selectors import live_session_of
from accounts.tokens import Principal, read_access


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
