"""Codes sent by e-mail: asked for in a use case, made and mailed by a job, used once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from accounts import login_guard
from accounts.errors import CodeInvalid
from accounts.models import EmailPurpose, EmailToken, PasskeyChallenge, RefreshToken, Session, StepUpCode, User
from accounts.tokens import digest_of, new_secret
from iqx.core import clock, jobs
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case

LIFETIMES: Final = {
    EmailPurpose.REGISTER: timedelta(days=1),
    EmailPurpose.VERIFY: timedelta(days=1),
    EmailPurpose.RESET: timedelta(hours=1),
}
FAMILIAR_FOR: Final = timedelta(days=365)  # how long a dead session still vouches for the place it was opened from
MAILS_PER_HOUR: Final = 10  # of one purpose to one address, so that nobody's mailbox can be flooded from here


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be sent: `template` names it, `code` is what it carries."""

    template: str
    to: str
    code: str = ""
    valid_for: timedelta = timedelta(0)


def request_code(purpose: EmailPurpose, email: str, *, password: str = "", display_name: str = "") -> None:
    """Ask for a code to be mailed; inside a use case. It does the same whether the address is known or not."""
    now = clock.now()
    token = EmailToken.objects.create(
        purpose=purpose,
        email=email,
        password=password,
        display_name=display_name,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    jobs.defer("accounts.mail_code", token_id=str(token.pk))


@use_case
def issue_code(*, token_id: UUID) -> Mail | None:
    """Make the code of a request and say what to mail, or None if there is nothing to mail.

    A repeat (the mail could not be sent) makes a new code, and the former one is worth nothing.
    """
    token = lock_one(LockRank.ACCOUNT, EmailToken.objects.filter(pk=token_id, used_at=None))
    if token is None or token.expires_at <= clock.now() or _is_flood(token):
        return None
    user = User.objects.filter(email=token.email).first()
    if token.purpose == EmailPurpose.REGISTER and user:
        return Mail("already_registered", token.email)
    if token.purpose != EmailPurpose.REGISTER and not (user and user.is_active):
        return None
    code = new_secret()
    token.digest = digest_of(code)
    token.save(update_fields=["digest"])
    purpose = EmailPurpose(token.purpose)
    return Mail(purpose.value, token.email, code, LIFETIMES[purpose])


def _is_flood(token: EmailToken) -> bool:
    before = EmailToken.objects.filter(
        email=token.email,
        purpose=token.purpose,
        created_at__gt=token.created_at - timedelta(hours=1),
        created_at__lt=token.created_at,
    )
    return before.count() >= MAILS_PER_HOUR


def use_code(code: str, *purposes: EmailPurpose) -> EmailToken:
    """Use up a mailed code, by the one statement that marks it used; inside a use case.

    Raises: CodeInvalid.
    """
    now = clock.now()
    rows = EmailToken.objects.filter(digest=digest_of(code), purpose__in=purposes)
    if not rows.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        raise CodeInvalid
    return rows.get()


def owner_of_code(code: str, purpose: EmailPurpose) -> User | None:
    """The user whom a mailed code that is still good was made for."""
    live = EmailToken.objects.filter(used_at=None, expires_at__gt=clock.now())
    token = live.filter(digest=digest_of(code), purpose=purpose).first()
    return User.objects.filter(email=token.email).first() if token else None


@use_case
def purge() -> dict[str, int]:
    """Delete what has expired and serves nobody any more; how many rows of each kind."""
    now = clock.now()
    return {
        "codes": EmailToken.objects.filter(expires_at__lt=now).delete()[0],
        "refresh_tokens": RefreshToken.objects.filter(expires_at__lt=now).delete()[0],
        "sessions": Session.objects.filter(last_used_at__lt=now - FAMILIAR_FOR).delete()[0],
        "challenges": PasskeyChallenge.objects.filter(expires_at__lt=now).delete()[0],
        "step_up_codes": StepUpCode.objects.filter(expires_at__lt=now).delete()[0],
        "counters": login_guard.forget_old(),
    }
