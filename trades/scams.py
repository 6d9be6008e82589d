"""The rules that raise flags, evaluated by the worker in rounds: scams take minutes, so nobody's request pays for it.

A round looks at what happened since the last one, and a little further back, since a row appears when its transaction
commits; finding something twice is harmless. It takes the same number of statements however much there is. After an
outage of the worker each round catches up with an hour.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from accounts.models import Flag
from accounts.payments.sealing import details_of, name_matches
from accounts.selectors import find_payment_accounts
from accounts.trust.flags import Finding, raise_flags
from accounts.trust.rules import (
    CONTACTS_IN_CHAT,
    FRESH_SELLER,
    NAME_MISMATCH,
    RAPID_IN_OUT,
    RECEIPT_REUSE,
    Spec,
    rules_in_force,
)
from iqx.core import clock, events
from iqx.core.locking import LockRank, lock
from iqx.core.money import usdt
from iqx.core.transactions import use_case
from trades.models import ReceiptFlag, RollUp, Trade
from trades.payments import account_wanted

Parameters = Mapping[str, Any]
Subject = Flag.Subject

_OVERLAP: Final = timedelta(minutes=2)  # longer than any transaction may take
_SLICE: Final = timedelta(hours=1)
_A_DAY: Final = timedelta(hours=24)
_ACCOUNT_SHOWN: Final = ("open", "payment_method_agreed", "payment_account_chosen", "payment_account_changed")


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a round looks at, both ends included."""

    since: datetime
    until: datetime


@use_case
def flag_scams() -> int:
    """Flag what the rules in force find in what happened since the last round; how much they found.

    Locks: the row of the round, which another worker's round is left; streams of staff. Emits: staff_called.
    """
    turn = lock(LockRank.ACCOUNT, RollUp.objects.filter(pk="flags"), skip_locked=True)
    if not turn:
        return 0
    (round_,) = turn
    now = clock.now()
    last = round_.until or now - _SLICE
    span = Span(last - _OVERLAP, min(now, last + _SLICE))
    rules = rules_in_force([rule for rule, _ in _SEARCHES])
    findings = [
        finding for rule, search in _SEARCHES if rule.code in rules for finding in search(span, rules[rule.code])
    ]
    calls = raise_flags(findings)
    round_.until = span.until
    round_.save(update_fields=["until"])
    events.append(calls)
    return len(findings)


# A withdrawal counts with what its owner withdrew just before, so that nothing is gained by taking it out in parts.
_IN_AND_OUT = """
WITH asked AS (
    SELECT id, user_id, created_at AS at, created_at - %(within)s::interval AS since FROM wallets_withdrawal
    WHERE created_at BETWEEN %(since)s AND %(until)s AND status NOT IN ('cancelled', 'rejected')
), flows AS (
    SELECT id, user_id, (
        SELECT coalesce(sum(amount), 0) FROM wallets_deposit d
        WHERE d.user_id = asked.user_id AND status = 'confirmed' AND updated_at BETWEEN asked.since AND asked.at
    ) + (
        SELECT coalesce(sum(amount - buyer_fee), 0) FROM trades_transaction t
        WHERE t.buyer_id = asked.user_id AND settled_at BETWEEN asked.since AND asked.at
    ) AS came, (
        SELECT sum(amount + fee) FROM wallets_withdrawal w
        WHERE w.user_id = asked.user_id AND status NOT IN ('cancelled', 'rejected')
            AND created_at BETWEEN asked.since AND asked.at
    ) AS went
    FROM asked
)
SELECT id, user_id, came, went FROM flows
WHERE came > 0 AND came >= %(least)s::numeric AND went * 100 >= came * %(percent)s
"""


def _rapid_in_out(span: Span, rule: Parameters) -> Iterator[Finding]:
    if not rule["minutes"]:
        return
    within = timedelta(minutes=rule["minutes"])
    rows = _rows(_IN_AND_OUT, span, within=within, least=Decimal(rule["least"]), percent=rule["percent"])
    for withdrawal_id, user_id, came, went in rows:
        because = RAPID_IN_OUT.explain(went=usdt(went), minutes=rule["minutes"], came=usdt(came))
        yield Finding(RAPID_IN_OUT, Subject.WITHDRAWAL, withdrawal_id, user_id, because)


_FRESH = """
WITH fresh AS (
    SELECT DISTINCT u.id, u.created_at FROM trades_step s
    JOIN trades_trade t ON t.id = s.trade_id JOIN accounts_user u ON u.id = t.seller_id
    WHERE s.at BETWEEN %(since)s AND %(until)s AND s.action = 'open'
        AND u.created_at > %(until)s::timestamptz - %(fresh)s::interval
)
SELECT fresh.id, floor(extract(epoch FROM %(until)s::timestamptz - fresh.created_at) / 3600)::int, sum(amount)
FROM fresh JOIN trades_trade t ON t.seller_id = fresh.id
WHERE t.created_at > %(until)s::timestamptz - %(day)s::interval AND t.status NOT IN ('cancelled', 'refunded')
GROUP BY fresh.id, fresh.created_at HAVING sum(amount) >= %(least)s::numeric
"""


def _fresh_sellers(span: Span, rule: Parameters) -> Iterator[Finding]:
    fresh = timedelta(days=rule["days"])
    for user_id, hours, sold in _rows(_FRESH, span, fresh=fresh, day=_A_DAY, least=Decimal(rule["least"])):
        because = FRESH_SELLER.explain(hours=max(hours, 0), sold=usdt(sold))
        yield Finding(FRESH_SELLER, Subject.USER, user_id, user_id, because)


def _accounts_of_others(span: Span, _: Parameters) -> Iterator[Finding]:
    """The accounts that buyers were shown, of sellers whose name is verified: two queries."""
    shown = Trade.objects.filter(
        steps__at__range=(span.since, span.until),
        steps__action__in=_ACCOUNT_SHOWN,
        status__in=Trade.LIVE,
        payment_method__isnull=False,
    )
    trades = list(shown.exclude(seller__verified_name="").distinct())
    accounts = find_payment_accounts([account_wanted(trade) for trade in trades])
    seen = {account.pk: (account, trade) for account, trade in zip(accounts, trades, strict=True) if account}
    for account, trade in seen.values():
        if name_matches(details_of(account), account.user) is False:
            because = NAME_MISMATCH.explain(reference=trade.reference)
            yield Finding(NAME_MISMATCH, Subject.PAYMENT_ACCOUNT, account.pk, account.user_id, because)


def _repeated_receipts(span: Span, _: Parameters) -> Iterator[Finding]:
    repeated = ReceiptFlag.objects.filter(created_at__range=(span.since, span.until))
    rows = repeated.values_list("message__trade_id", "message__author_id", "seen_in__trade__reference")
    for trade_id, author_id, reference in rows.order_by("id"):
        because = RECEIPT_REUSE.explain(reference=reference)
        yield Finding(RECEIPT_REUSE, Subject.TRADE, trade_id, author_id, because)


# `flags <> '{}'` is in the words of the index.
_CONTACTS = """
SELECT author_id, count(DISTINCT trade_id) FROM trades_message
WHERE at BETWEEN %(until)s::timestamptz - %(day)s::interval AND %(until)s
    AND flags <> '{}' AND flags && ARRAY['link', 'contact']::varchar[]
GROUP BY author_id HAVING count(DISTINCT trade_id) >= %(trades)s AND max(at) >= %(since)s
"""


def _contacts_in_chat(span: Span, rule: Parameters) -> Iterator[Finding]:
    if not rule["trades"]:
        return
    for user_id, trades in _rows(_CONTACTS, span, day=_A_DAY, trades=rule["trades"]):
        because = CONTACTS_IN_CHAT.explain(trades=trades)
        yield Finding(CONTACTS_IN_CHAT, Subject.USER, user_id, user_id, because)


_SEARCHES: Final[tuple[tuple[Spec, Callable[[Span, Parameters], Iterator[Finding]]], ...]] = (
    (RAPID_IN_OUT, _rapid_in_out),
    (FRESH_SELLER, _fresh_sellers),
    (NAME_MISMATCH, _accounts_of_others),
    (RECEIPT_REUSE, _repeated_receipts),
    (CONTACTS_IN_CHAT, _contacts_in_chat),
)


def _rows(sql: str, span: Span, **more: timedelta | Decimal | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"since": span.since, "until": span.until, **more}
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
