"""Finding people by what operators are given, and noting that their data was handed out."""

from uuid import UUID

from accounts.models import User, normalise_email
from iqx.core import audit
from iqx.core.transactions import use_case


def find_user(who: str) -> User | None:
    """By e-mail or id."""
    try:
        return User.objects.filter(pk=UUID(who)).first()
    except ValueError:
        return User.objects.filter(email=normalise_email(who)).first()


@use_case
def note_export(*, user_id: UUID, reason: str) -> None:
    """Write down that an operator took everything that is known of a person."""
    audit.record("user_exported", actor=None, subject=("user", user_id), user_id=user_id, reason=reason)
