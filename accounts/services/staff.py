"""What staff do to accounts. Support looks after users; only an admin acts on staff or makes staff of anybody."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts import events
from accounts.errors import EmailTaken
from accounts.families import end_sessions
from accounts.models import EndReason, KycStatus, Role, Session, User, normalise_email
from accounts.validators import check_new_password
from iqx.core import clock
from iqx.core import events as log
from iqx.core.errors import Invalid, NotAllowed, NotFound
from iqx.core.locking import LockRank, lock
from iqx.core.transactions import use_case


def locked_for(actor_id: UUID, user_id: UUID, *, needs_admin: bool = False) -> User:
    """Lock actor and user, and check that the one may act on the other.

    Raises: NotFound. NotAllowed: the actor is no staff, acts on himself, or is no admin where one is needed.
    """
    rows = {user.pk: user for user in lock(LockRank.ACCOUNT, User.objects.filter(pk__in=[actor_id, user_id]))}
    actor, user = rows.get(actor_id), rows.get(user_id)
    if actor is None or not actor.may_act:
        raise NotAllowed
    if user is None:
        raise NotFound
    if actor == user or (not actor.is_admin and (needs_admin or user.is_staff_member)):
        raise NotAllowed
    return user


@use_case
def suspend_user(*, user_id: UUID, actor_id: UUID) -> User:
    """Shut a user out and end his sessions. Locks: both users, then the sessions."""
    user = locked_for(actor_id, user_id)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(Session.objects.filter(user=user), EndReason.SUSPENDED)
    return user


@use_case
def reinstate_user(*, user_id: UUID, actor_id: UUID) -> User:
    """Undo a suspension. Locks: both users."""
    user = locked_for(actor_id, user_id)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


@use_case
def log_out_user(*, user_id: UUID, actor_id: UUID) -> int:
    """End all sessions of a user; how many there were. Locks: both users, then the sessions."""
    user = locked_for(actor_id, user_id)
    return end_sessions(Session.objects.filter(user=user), EndReason.REVOKED)


@use_case
def review_kyc(*, user_id: UUID, actor_id: UUID, status: KycStatus, level: int, name: str | None = None) -> User:
    """Record what a review of a user's documents found. `level` counts only with `VERIFIED`.

    `name` is his as the documents have it; without one, what was known of it stays.

    Locks: both users, then the user's stream. Emits: kyc_updated.
    """
    if level not in ({1, 2} if status == KycStatus.VERIFIED else {0}):
        raise Invalid("Level 1 or 2 goes with a verified user, 0 with any other.", field="level")
    user = locked_for(actor_id, user_id)
    user.kyc_status, user.kyc_level = status, level
    user.verified_name = user.verified_name if name is None else name
    user.save(update_fields=["kyc_status", "kyc_level", "verified_name"])
    log.append([events.kyc_updated(user)])
    return user


@use_case
def change_role(*, user_id: UUID, actor_id: UUID, role: Role) -> User:
    """Make a user staff, or no longer; admins only. Locks: both users."""
    user = locked_for(actor_id, user_id, needs_admin=True)
    user.role = role
    user.save(update_fields=["role"])
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
    return user
