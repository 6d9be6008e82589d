"""Passkeys: adding and removing them, logging in by one, and having its signature count as a second factor.

Each ceremony has two steps: options with a challenge, and the authenticator's answer to it. The challenge is used up in
a transaction of its own, so it serves once even if the answer is refused.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import login_guard, webauthn
from accounts.alerts import is_new_place, raise_alert
from accounts.clients import Client
from accounts.errors import AccountSuspended, ChallengeGone, OtpRequired, PasskeyRefused, TooManyPasskeys, WrongPassword
from accounts.families import LoggedIn, open_session
from accounts.holds import hold_after_change
from accounts.models import AlertKind, Passkey, PasskeyChallenge, StepUpCode, Totp, User
from accounts.services.sessions import check_own_password
from accounts.services.two_factor import CHANGED, replace_codes, switch_off_if_none_is_left
from accounts.step_up import require_second_factor
from accounts.tokens import digest_of, new_secret
from accounts.webauthn import Json
from iqx.core import clock, events
from iqx.core.errors import NotFound
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case

MOST: Final = 20
GOOD_FOR: Final = timedelta(milliseconds=webauthn.TIMEOUT_MS)

Purpose = PasskeyChallenge.Purpose


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A challenge that was issued; `options` is what the browser's API takes."""

    id: UUID
    options: Json


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A key that was added; with the recovery codes, this once, if it is the first second factor."""

    key: Passkey
    recovery_codes: list[str] | None


@dataclass(frozen=True, slots=True)
class Code:
    """What serves as `otp`, once, until `expires_at`."""

    otp: str
    expires_at: datetime


def begin_adding_passkey(*, user: User, password: str = "", otp: str = "", client: Client) -> Ceremony:
    """Ask an authenticator for a new key, by the second factor, or by the password of who has none yet.

    A session alone would do for a thief of it to shut the owner out. It is asked before a key is made in vain.

    Raises: WrongPassword, LoginLocked, OtpRequired, OtpInvalid, TooManyPasskeys.
    """
    if not user.two_factor and not password:
        raise WrongPassword  # nothing was guessed, so nothing counts
    checked = "" if user.two_factor else check_own_password(user=user, password=password, client=client).password
    return _begin_adding(user_id=user.pk, checked=checked, otp=otp)


@use_case
def _begin_adding(*, user_id: UUID, checked: str, otp: str) -> Ceremony:
    """Locks: the user. A password that was changed meanwhile proves nothing."""
    user = require_second_factor(user_id, otp)
    if not user.two_factor and user.password != checked:
        raise WrongPassword
    owned = list(Passkey.objects.filter(user=user))
    if len(owned) >= MOST:
        raise TooManyPasskeys(most=MOST)
    challenge = _issue(Purpose.REGISTER, user, proved=user.two_factor)
    return Ceremony(challenge.pk, webauthn.creation_options(user, owned, bytes(challenge.challenge)))


def add_passkey(*, user_id: UUID, challenge: UUID, credential: Json, name: str) -> NewPasskey:
    """Keep the new key.

    Raises: ChallengeGone, PasskeyRefused. OtpRequired: there is a second factor since it was begun.
    """
    used = _use_up(challenge, Purpose.REGISTER, user_id)
    return _add(user_id=user_id, used=used, credential=credential, name=name)


@use_case
def _add(*, user_id: UUID, used: PasskeyChallenge, credential: Json, name: str) -> NewPasskey:
    """Locks: the user, his stream. Emits: security_alert."""
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    if user is None:
        raise PasskeyRefused
    if user.two_factor and not used.proved:
        raise OtpRequired
    made = webauthn.check_registration(credential, bytes(used.challenge))
    key = Passkey(
        user=user,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        backed_up=made.credential_backed_up,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError as error:  # it is somebody's already
        raise PasskeyRefused from error
    codes = None
    if not user.two_factor:
        Totp.objects.filter(user=user, confirmed_at=None).delete()  # whoever set that up had one factor alone
        user.two_factor = True
        user.save(update_fields=["two_factor"])
        codes = replace_codes(user)
    hold_after_change(user, CHANGED)
    events.append([raise_alert(user, AlertKind.PASSKEY_ADDED, name=name)])
    return NewPasskey(key, codes)


@use_case
def remove_passkey(*, user_id: UUID, passkey_id: UUID, otp: str) -> None:
    """Forget a key; with the last of one's second factors the second factor is off.

    Locks: the user, his stream. Raises: OtpRequired, OtpInvalid, NotFound. Emits: security_alert.
    """
    user = require_second_factor(user_id, otp)
    key = Passkey.objects.filter(user=user, pk=passkey_id).first()
    if key is None:
        raise NotFound
    key.delete()
    switch_off_if_none_is_left(user)
    hold_after_change(user, CHANGED)
    events.append([raise_alert(user, AlertKind.PASSKEY_REMOVED, name=key.name)])


@use_case
def begin_step_up(*, user: User) -> Ceremony:
    """Ask one of the user's keys for a signature that will count as his second factor.

    Raises: NotFound: he has none.
    """
    owned = list(Passkey.objects.filter(user=user))
    if not owned:
        raise NotFound
    challenge = _issue(Purpose.STEP_UP, user)
    return Ceremony(challenge.pk, webauthn.request_options(owned, bytes(challenge.challenge)))


def step_up(*, user_id: UUID, challenge: UUID, credential: Json) -> Code:
    """Exchange a signature for a code that serves as `otp`, once. Raises: ChallengeGone, PasskeyRefused."""
    used = _use_up(challenge, Purpose.STEP_UP, user_id)
    return _step_up(user_id=user_id, expected=bytes(used.challenge), credential=credential)


@use_case
def _step_up(*, user_id: UUID, expected: bytes, credential: Json) -> Code:
    """Locks: the user, the key."""
    _signed_by(credential, expected, user_id)
    now, otp = clock.now(), login_guard.SIGNED + new_secret()
    code = StepUpCode.objects.create(user_id=user_id, digest=digest_of(otp), created_at=now, expires_at=now + GOOD_FOR)
    return Code(otp, code.expires_at)


@use_case
def begin_log_in() -> Ceremony:
    """Ask any key for a signature; whose it is, it will say."""
    challenge = _issue(Purpose.LOG_IN, None)
    return Ceremony(challenge.pk, webauthn.request_options([], bytes(challenge.challenge)))


def log_in_by_passkey(*, challenge: UUID, credential: Json, client: Client) -> LoggedIn:
    """Exchange a key's signature for a session: it is both factors, for the authenticator has verified its owner.

    Raises: ChallengeGone, PasskeyRefused, AccountSuspended.
    """
    used = _use_up(challenge, Purpose.LOG_IN, None)
    owner = Passkey.objects.filter(credential_id=webauthn.credential_id_of(credential)).values_list("user_id").first()
    if owner is None or webauthn.user_handle_of(credential) != owner[0].bytes:
        raise PasskeyRefused
    return _log_in(user_id=owner[0], expected=bytes(used.challenge), credential=credential, client=client)


@use_case
def _log_in(*, user_id: UUID, expected: bytes, credential: Json, client: Client) -> LoggedIn:
    """Locks: the user, the key, his stream. Emits: security_alert, from a new place."""
    user = _signed_by(credential, expected, user_id)
    if not user.is_active:
        raise AccountSuspended
    is_new = is_new_place(user, client)
    logged_in = open_session(user, client)
    if is_new:
        events.append([raise_alert(user, AlertKind.NEW_LOGIN, client)])
    return logged_in


def _signed_by(credential: Json, expected: bytes, user_id: UUID) -> User:
    """Check a signature by one of the user's keys, which is locked, and count it; returns the user, locked."""
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    keys = Passkey.objects.filter(user_id=user_id, credential_id=webauthn.credential_id_of(credential))
    key = lock_one(LockRank.ACCOUNT, keys)
    if user is None or key is None:
        raise PasskeyRefused
    checked = webauthn.check_assertion(credential, expected, key)
    key.sign_count, key.backed_up, key.last_used_at = checked.new_sign_count, checked.credential_backed_up, clock.now()
    key.save(update_fields=["sign_count", "backed_up", "last_used_at"])
    return user


def _issue(purpose: Purpose, user: User | None, *, proved: bool = False) -> PasskeyChallenge:
    now = clock.now()
    return PasskeyChallenge.objects.create(
        purpose=purpose,
        user=user,
        challenge=secrets.token_bytes(32),
        proved=proved,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )


@use_case
def _use_up(challenge_id: UUID, purpose: Purpose, user_id: UUID | None) -> PasskeyChallenge:
    """Take a challenge that was issued for this, once. Raises: ChallengeGone: it was used, or is too old."""
    live = PasskeyChallenge.objects.filter(pk=challenge_id, purpose=purpose, expires_at__gt=clock.now())
    found = lock_one(LockRank.ACCOUNT, live.filter(user=user_id))
    if found is None:
        raise ChallengeGone
    found.delete()
    return found
