"""Making tokens and reading them: signed access tokens, opaque refresh tokens and e-mailed codes.

Access tokens are JWTs of one fixed algorithm, issuer, audience and type; they name the user and the session. All
other tokens are random and only their digest is stored. Being random and long, they need no slow hash.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts.errors import AuthenticationFailed
from accounts.models import RefreshToken, Session
from iqx.core import clock

REFRESH_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom an access token speaks for, and until when."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def issue_pair(session: Session) -> TokenPair:
    """Give the session a new access token and its next refresh token; its former one must be used already."""
    secret, now = new_secret(), clock.now()
    RefreshToken.objects.create(
        session=session, digest=digest_of(secret), created_at=now, expires_at=now + REFRESH_LIFETIME
    )
    return TokenPair(access=issue_access(session), refresh=secret)


def issue_access(session: Session) -> str:
    token = AccessToken()
    token["sub"] = str(session.user_id)
    token["sid"] = str(session.pk)
    return str(token)


def read_access(raw: str) -> Principal:
    """Check an access token's signature and claims. Whether its session lives on, the database knows.

    Raises:
        AuthenticationFailed: it is not one of ours, or has expired.
    """
    try:
        token = AccessToken(raw)  # type: ignore[arg-type]  # the package annotates a parsed token, and parses a text
        return Principal(
            user_id=UUID(token["sub"]),
            session_id=UUID(token["sid"]),
            expires_at=datetime.fromtimestamp(token["exp"], UTC),
        )
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise AuthenticationFailed from error
