"""The lock-out: slows guessing down without ever shutting the owner out.

Three counters, all kept for unknown e-mails exactly as for known ones:

* One e-mail from one address: after 5 failures, 1 s, 2 s, 4 s ... up to 15 minutes.
* Any e-mail from one address: the same after 100 failures, up to a minute.
* One e-mail from anywhere: after 10 failures, an address that is new to it first waits, once, at most a minute.
  That wait is the newcomer's own: an attacker can lengthen it no further and can't use it up for anybody else.

An address from which the user has logged in before is subject to the first rule only. So whatever an attacker does
elsewhere, the owner gets in at once from a familiar place and within a minute from any other; and who shares the
attacker's very address still has the way by e-mail (`reset_password` answers with a session).

A fourth counts attempts at a user's second factor: after 5 failures, up to an hour.

An attempt is counted as a failure when it is admitted, before the password is looked at, by one upsert: of guesses
made all at once no more than the free ones pass. A success takes it back.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.crypto import salted_hmac

from accounts.errors import LoginLocked, OtpLocked
from accounts.models import LoginCounter
from iqx.core import clock

Scope = LoginCounter.Scope

SIGNED: Final = "signed_"
"""How a code begins that a passkey's signature was exchanged for."""

FORGET_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BackOff:
    """No delay for the first `free` failures; then 1 s, doubling up to `cap_s`."""

    free: int
    cap_s: int

    def delay(self, failures: int) -> timedelta:
        if failures < self.free:
            return timedelta(0)
        return timedelta(seconds=min(self.cap_s, 2 ** min(failures - self.free, 20)))


PAIR: Final = BackOff(free=5, cap_s=900)
ADDRESS: Final = BackOff(free=100, cap_s=60)
NEWCOMER: Final = BackOff(free=10, cap_s=60)
OTP: Final = BackOff(free=5, cap_s=3600)
_NEVER: Final = BackOff(free=2**31 - 1, cap_s=0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An admitted log-in, under the keys that it is counted by; `address` is empty if that counter is spared."""

    pair: str
    address: str
    email: str


class _Blocked(Exception):
    pass


def admit(email: str, network: str, *, familiar: bool) -> Attempt:
    """Let an attempt through and count it as failed until `succeeded` says otherwise.

    Args:
        email: normalised.
        network: where the attempt comes from.
        familiar: the account has been logged in to from there before.

    Raises:
        LoginLocked: it must wait; nothing is counted.
    """
    attempt = Attempt(
        pair=_key(Scope.PAIR, email, network),
        address="" if familiar else _key(Scope.ADDRESS, network),
        email=_key(Scope.EMAIL, email),
    )
    now = clock.now()
    keys = [attempt.pair, attempt.address, attempt.email]
    LoginCounter.objects.filter(key__in=keys, last_at__lt=now - FORGET_AFTER).delete()
    if not familiar:
        _make_newcomer_wait(attempt, now)
    try:
        with transaction.atomic():
            _claim(attempt.pair, Scope.PAIR, PAIR, now)
            if attempt.address:
                _claim(attempt.address, Scope.ADDRESS, ADDRESS, now)
    except _Blocked:
        raise LoginLocked(retry_after_s=_remaining_s(attempt.pair, attempt.address)) from None
    return attempt


def succeeded(attempt: Attempt) -> None:
    """Clear the pair's counter and take back what the attempt was counted for elsewhere."""
    LoginCounter.objects.filter(key=attempt.pair).delete()
    LoginCounter.objects.filter(key=attempt.address, failures__gt=0).update(
        failures=F("failures") - 1, blocked_until=None
    )


def failed(attempt: Attempt) -> None:
    """Tell the e-mail's own counter, by which newcomers wait."""
    _count(attempt.email, Scope.EMAIL, _NEVER, clock.now())


def forgive(email: str, network: str) -> None:
    """Forget the failures of this e-mail from here: its owner has proved himself in another way."""
    LoginCounter.objects.filter(key=_key(Scope.PAIR, email, network)).delete()


def admit_otp(user_id: UUID, otp: str) -> None:
    """Let an attempt at a user's second factor through, counted as failed until `otp_succeeded` says otherwise.

    What a passkey's signature was exchanged for can't be guessed, and isn't counted: so nobody's guesses keep out the
    owner of a passkey.

    One counter for all addresses: whoever gets this far knows the password or has a session, and would change his
    address. Call it outside of any transaction: a rollback would take the count back.

    Raises:
        OtpLocked: it must wait; nothing is counted.
    """
    if otp.startswith(SIGNED):
        return
    now, key = clock.now(), _key(Scope.OTP, str(user_id))
    LoginCounter.objects.filter(key=key, last_at__lt=now - FORGET_AFTER).delete()
    if not _count(key, Scope.OTP, OTP, now):
        raise OtpLocked(retry_after_s=_remaining_s(key))


def otp_succeeded(user_id: UUID) -> None:
    """Clear the counter of a user's second factor, in the transaction that takes his code."""
    LoginCounter.objects.filter(key=_key(Scope.OTP, str(user_id))).delete()


def forget_old() -> int:
    """Delete the counters that no longer count; how many there were."""
    return LoginCounter.objects.filter(last_at__lt=clock.now() - FORGET_AFTER).delete()[0]


_COUNT = """
INSERT INTO accounts_logincounter AS c (key, scope, failures, last_at)
VALUES (%(key)s, %(scope)s, 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    failures = c.failures + 1,
    last_at = %(now)s,
    blocked_until = CASE WHEN c.failures + 1 >= %(free)s
        THEN %(now)s + make_interval(secs => LEAST(%(cap_s)s, 2 ^ LEAST(c.failures + 1 - %(free)s, 20))) END
WHERE c.blocked_until IS NULL OR c.blocked_until <= %(now)s
"""


def _count(key: str, scope: Scope, rule: BackOff, now: datetime) -> bool:
    """Count one failure, unless the counter is blocked: then nothing changes, and the answer is no."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "scope": scope.value, "now": now, "free": rule.free, "cap_s": rule.cap_s})
        return bool(cursor.rowcount)


def _claim(key: str, scope: Scope, rule: BackOff, now: datetime) -> None:
    if not _count(key, scope, rule, now):
        raise _Blocked


def _make_newcomer_wait(attempt: Attempt, now: datetime) -> None:
    """Where the e-mail is under attack, give an address that is new to it its one wait."""
    failures = LoginCounter.objects.filter(key=attempt.email).values_list("failures", flat=True).first() or 0
    wait = NEWCOMER.delay(failures)
    if wait:
        newcomer = LoginCounter(key=attempt.pair, scope=Scope.PAIR, failures=0, blocked_until=now + wait, last_at=now)
        LoginCounter.objects.bulk_create([newcomer], ignore_conflicts=True)


def _remaining_s(*keys: str) -> int:
    counters = LoginCounter.objects.filter(key__in=keys)
    until: datetime | None = counters.aggregate(until=Max("blocked_until"))["until"]
    return max(1, math.ceil((until - clock.now()).total_seconds())) if until else 1


def _key(scope: Scope, *parts: str) -> str:
    return salted_hmac(f"accounts.login_guard.{scope}", "\n".join(parts), algorithm="sha256").hexdigest()
