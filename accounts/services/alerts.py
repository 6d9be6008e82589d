"""Alerts by mail, and the answer to them: "this wasn't me"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts import keys
from accounts.alerts import raise_alert
from accounts.errors import CodeInvalid
from accounts.families import end_sessions
from accounts.holds import hold_withdrawals
from accounts.models import AlertKind, ApiKey, EmailPurpose, EndReason, Passkey, SecurityAlert, Session, Totp, User
from accounts.services.codes import request_code
from accounts.services.two_factor import switch_off_if_none_is_left
from accounts.tokens import digest_of, new_secret
from iqx.core import clock, events
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case

GOOD_FOR: Final = timedelta(days=7)
_LEAST_HOLD_H: Final = 24
_AT_ONCE: Final = timedelta(seconds=10)  # between a factor and the alert that it raised


@dataclass(frozen=True, slots=True)
class AlertMail:
    """A mail to be sent about `alert`; `code` disowns it."""

    alert: SecurityAlert
    to: str
    code: str


@use_case
def issue_alert(*, alert_id: UUID) -> AlertMail | None:
    """Make the code of an alert and say what to mail. A repeat makes a new code, and the former is worth nothing.

    Locks: the alert.
    """
    rows = SecurityAlert.objects.select_related("user").filter(pk=alert_id, used_at=None)
    alert = lock_one(LockRank.ACCOUNT, rows)
    if alert is None:
        return None
    code = new_secret()
    alert.digest = digest_of(code)
    alert.save(update_fields=["digest"])
    return AlertMail(alert, alert.user.email, code)


@use_case
def disown(*, token: str) -> None:
    """Shut everybody out of an account whose owner says of an alert that it wasn't he, and mail him the way back.

    All sessions end, all API keys are revoked, second factors that were set up since the alert are forgotten,
    withdrawals are held for a day at least, and the password is worth nothing until a new one is chosen by e-mail.

    Locks: the alert, by the one statement that marks it used, then the user, his sessions, his stream.
    Raises: CodeInvalid. Emits: security_alert.
    """
    now = clock.now()
    rows = SecurityAlert.objects.filter(digest=digest_of(token))
    if not rows.filter(used_at=None, created_at__gt=now - GOOD_FOR).update(used_at=now):
        raise CodeInvalid
    (user,) = lock(LockRank.ACCOUNT, User.objects.filter(security_alerts__in=rows))
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(Session.objects.filter(user=user), EndReason.DISOWNED)
    keys.revoke(ApiKey.objects.filter(user=user))
    _forget_factors(user, since=rows.values_list("created_at", flat=True)[0] - _AT_ONCE)
    hold_withdrawals(user, now + timedelta(hours=max(_LEAST_HOLD_H, settings.WITHDRAWAL_HOLD_HOURS)), "not_me")
    request_code(EmailPurpose.RESET, user.email)
    events.append([raise_alert(user, AlertKind.ACCOUNT_SECURED)])


def _forget_factors(user: User, since: datetime) -> None:
    """What a thief set up would keep the owner out, and let him in again."""
    Passkey.objects.filter(user=user, created_at__gte=since).delete()
    Totp.objects.filter(Q(created_at__gte=since) | Q(confirmed_at__gte=since), user=user).delete()
    switch_off_if_none_is_left(user)
