"""What staff do to accounts. Support looks after users; only an admin acts on staff or makes staff of anybody."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts import events
from accounts.errors import EmailTaken
from accounts.families import end_sessions
from accounts.models import EndReason, KycStatus, Role, Session, User, normalise_email
from accounts.staff import lock_pair
from accounts.validators import check_new_password
from iqx.core import audit, clock
from iqx.core import events as log
from iqx.core.errors import Invalid
from iqx.core.transactions import use_case


@use_case
def suspend_user(*, user_id: UUID, actor_id: UUID, reason: str = "") -> User:
    """Shut a user out and end his sessions. Locks: both users, then the sessions."""
    actor, user = lock_pair(actor_id, user_id)
    _set_active(actor, user, active=False, reason=reason)
    end_sessions(Session.objects.filter(user=user), EndReason.SUSPENDED)
    return user


@use_case
def reinstate_user(*, user_id: UUID, actor_id: UUID, reason: str = "") -> User:
    """Undo a suspension. Locks: both users."""
    actor, user = lock_pair(actor_id, user_id)
    _set_active(actor, user, active=True, reason=reason)
    return user


def _set_active(actor: User, user: User, *, active: bool, reason: str) -> None:
    before = audit.values_of(user, "is_active")
    user.is_active = active
    user.save(update_fields=["is_active"])
    audit.record(
        "user_reinstated" if active else "user_suspended",
        actor=actor,
        subject=user,
        user_id=user.pk,
        before=before,
        after=audit.values_of(user, "is_active"),
        reason=reason,
    )


@use_case
def log_out_user(*, user_id: UUID, actor_id: UUID, reason: str = "") -> int:
    """End all sessions of a user; how many there were. Locks: both users, then the sessions."""
    actor, user = lock_pair(actor_id, user_id)
    ended = end_sessions(Session.objects.filter(user=user), EndReason.REVOKED)
    audit.record(
        "user_logged_out", actor=actor, subject=user, user_id=user.pk, after={"sessions": ended}, reason=reason
    )
    return ended


@use_case
def review_kyc(
    *, user_id: UUID, actor_id: UUID, status: KycStatus, level: int, name: str | None = None, reason: str = ""
) -> User:
    """Record what a review of a user's documents found. `level` counts only with `VERIFIED`.

    `name` is his as the documents have it; without one, what was known of it stays.

    Locks: both users, then the user's stream. Emits: kyc_updated.
    """
    if level not in ({1, 2} if status == KycStatus.VERIFIED else {0}):
        raise Invalid("Level 1 or 2 goes with a verified user, 0 with any other.", field="level")
    actor, user = lock_pair(actor_id, user_id)
    before = audit.values_of(user, "kyc_status", "kyc_level")
    user.kyc_status, user.kyc_level = status, level
    user.verified_name = user.verified_name if name is None else name
    user.save(update_fields=["kyc_status", "kyc_level", "verified_name"])
    audit.record(
        "kyc_reviewed",
        actor=actor,
        subject=user,
        user_id=user.pk,
        before=before,
        after=audit.values_of(user, "kyc_status", "kyc_level"),
        reason=reason,
    )
    log.append([events.kyc_updated(user)])
    return user


@use_case
def create_admin(*, email: str, password: str) -> User:
    """Make the first admin, or another, from the server's own command line.

    Raises: EmailTaken. Invalid: the password is unfit.
    """
    user = User(email=normalise_email(email), display_name="Admin", role=Role.ADMIN, email_verified_at=clock.now())
    check_new_password(password, user, field="password")
    user.password = make_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTaken from error
    audit.record("admin_created", actor=None, subject=user, user_id=user.pk, after=audit.values_of(user, "role"))
    return user
