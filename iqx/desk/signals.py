"""What speaks for and against a withdrawal, told to whoever decides on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Min, Q

from accounts.models import Flag, SecurityAlert, Session, User
from disputes.models import Dispute
from iqx.core import clock
from iqx.core.money import ZERO
from iqx.desk.templatetags.desk import money
from wallets.holds import holds_on
from wallets.limits import used
from wallets.models import Wallet, Withdrawal, WithdrawalAddress, WithdrawalStatus

_LATELY = timedelta(days=3)
_SENT = (WithdrawalStatus.SENT, WithdrawalStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Signal:
    """`mood` is good, warn or bad."""

    mood: str
    text: str


def signals_of(withdrawal: Withdrawal) -> list[Signal]:
    """The worst first; a fixed number of queries. `user` must be loaded."""
    now = clock.now()
    found = [
        *_account(withdrawal.user, now),
        *_security(withdrawal.user, now),
        *_address(withdrawal, now),
        *_money(withdrawal, now),
        *_trust(withdrawal.user),
    ]
    return sorted(found, key=lambda signal: ("bad", "warn", "good").index(signal.mood))


def _account(user: User, now: datetime) -> Iterator[Signal]:
    days = (now - user.created_at).days
    yield Signal("bad" if days < 7 else "warn" if days < 30 else "good", f"The account is {days} days old.")
    verified = user.kyc_status == "verified"
    yield Signal("good" if verified else "warn", f"KYC {user.kyc_status}, level {user.kyc_level}.")
    if not user.is_active:
        yield Signal("bad", "The account is suspended.")
    if not user.two_factor:
        yield Signal("warn", "There is no second factor on the account.")


def _security(user: User, now: datetime) -> Iterator[Signal]:
    held = user.withdrawals_held_until
    if held and held > now:
        yield Signal("bad", f"Withdrawals are held until {held:%d %b %H:%M} UTC: {user.withdrawals_hold_reason}.")
    alerts = SecurityAlert.objects.filter(user=user, created_at__gt=now - _LATELY).order_by("-id")[:10]
    quiet = True
    for alert in alerts:
        quiet = False
        disowned = alert.used_at is not None
        text = f"{alert.get_kind_display()}, {alert.created_at:%d %b %H:%M} UTC" + (
            f" from {alert.ip}" if alert.ip else ""
        )
        yield Signal(
            "bad" if disowned else "warn", f"{text}{': the owner says that it was not he' if disowned else ''}."
        )
    sessions = Session.objects.filter(user=user).aggregate(
        places=Count("network", distinct=True, filter=Q(created_at__gt=now - _LATELY)),
        known=Count("network", distinct=True),
    )
    if sessions["places"] > 2:
        yield Signal("warn", f"Logged in from {sessions['places']} places within three days.")
    if quiet:
        yield Signal("good", "Nothing about the account's security has changed for three days.")


def _address(withdrawal: Withdrawal, now: datetime) -> Iterator[Signal]:
    same = Withdrawal.objects.filter(address=withdrawal.address, network=withdrawal.network)
    own = same.filter(user=withdrawal.user, status__in=_SENT).count()
    others = same.exclude(user=withdrawal.user).values("user").distinct().count()
    listed = WithdrawalAddress.objects.filter(user=withdrawal.user, address=withdrawal.address).aggregate(
        at=Min("created_at")
    )["at"]
    if own:
        yield Signal("good", f"{own} earlier withdrawal{'s' if own > 1 else ''} went to this address.")
    elif listed:
        yield Signal(
            "warn", f"The first withdrawal to this address, in the address book for {(now - listed).days} days."
        )
    else:
        yield Signal("bad", "The first withdrawal to this address, which is not in the address book.")
    if others:
        yield Signal("bad", f"{others} other user{'s' if others > 1 else ''} withdrew to this address.")


def _money(withdrawal: Withdrawal, now: datetime) -> Iterator[Signal]:
    wallet = Wallet.objects.filter(pk=withdrawal.user_id).first()
    had = (wallet.available + wallet.locked) if wallet else ZERO
    share = (withdrawal.amount * 100 / had) if had else Decimal(0)
    mood = "warn" if share > 90 else "good"
    yield Signal(mood, f"It is {share:.0f} % of the {money(had)} USDT that the user has.")
    limit, so_far = settings.DAILY_LIMITS[withdrawal.user.kyc_level]["withdrawal"], used(withdrawal.user)["withdrawal"]
    mood = "warn" if so_far > limit * Decimal("0.8") else "good"
    yield Signal(mood, f"{money(so_far)} USDT within 24 hours, of the {money(limit)} that the level permits.")
    for hold in holds_on(withdrawal.user, now):
        yield Signal("warn", hold.because)


def _trust(user: User) -> Iterator[Signal]:
    for flag in Flag.objects.filter(user=user).exclude(status=Flag.Status.CLEARED).order_by("-id")[:10]:
        mood = "bad" if flag.severity == Flag.Severity.HIGH or flag.status == Flag.Status.CONFIRMED else "warn"
        yield Signal(mood, f"{flag.because} ({flag.status})")
    live = Dispute.objects.filter(Q(trade__buyer=user) | Q(trade__seller=user), status__in=Dispute.LIVE).count()
    if live:
        yield Signal(
            "warn",
            f"{live} dispute{'s' if live > 1 else ''} about trades of this user {'are' if live > 1 else 'is'} open.",
        )
