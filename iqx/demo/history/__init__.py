"""A past for the sandbox: many people, their orders, and all that came of them, written by SQL set by set.

Everything passes the database's own constraints, triggers and foreign keys, as live traffic would, so the books balance
(`manage.py audit_ledger`). It is one transaction: whoever interrupts it leaves nothing behind.
"""

import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import timedelta
from importlib import resources

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Role, User
from iqx.core import clock

_STAGES = {
    "1_people": "people, with their sessions",
    "2_orders": "orders",
    "3_trades": "trades, with their steps, receipts, ratings and chats",
    "4_ledger": "deposits, withdrawals and wallets",
    "5_posting": "the ledger",
    "6_staff": "disputes, tickets and flags",
    "7_events": "the log of events",
}
_SHARE_OF_MAKERS = 0.55


class HistoryExistsError(Exception):
    """There is one already: a second would have to fit to it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of each there shall be; the last four are what waits for staff."""

    people: int = 100_000
    orders: int = 1_000_000
    days: int = 365
    event_days: int = 30
    live: int = 4_000
    disputes: int = 40
    withdrawals: int = 60
    tickets: int = 35
    flags: int = 30


def make_history(scale: Scale) -> Iterator[str]:
    """Write it, into an exchange that has markets and staff. Yields what was done, and how long it took.

    Raises: HistoryExistsError.
    """
    if User.objects.filter(email__endswith="@history.example").exists():
        raise HistoryExistsError
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # Each statement's rows are checked as it ends; only a wallet's last entry may come after the wallet.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS wallets_wallet_shows_newest_entry DEFERRED")
        cursor.execute(_script("0_scale"))
        _note(scale, cursor)
        for stage, what in _STAGES.items():
            began = time.monotonic()
            cursor.execute(_script(stage))
            yield f"wrote {what} ({time.monotonic() - began:.0f} s)"
        began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("DISCARD TEMP")
        cursor.execute("VACUUM ANALYZE")
    yield f"committed, and analyzed the tables ({time.monotonic() - began:.0f} s)"


def draw_books() -> None:
    """Invent how the books stood in each hour that the figures know of."""
    with connection.cursor() as cursor:
        cursor.execute(_script("8_books"))


def _note(scale: Scale, cursor: object) -> None:
    staff = User.objects.filter(role=Role.ADMIN).order_by("id").first()
    helper = User.objects.filter(role=Role.SUPPORT).order_by("id").first()
    now = clock.now()
    row = {field.name: value for field, value in zip(fields(scale), astuple(scale), strict=True)} | {
        "makers": int(scale.orders * _SHARE_OF_MAKERS),
        "second_above": settings.WITHDRAWAL_SECOND_PERSON_ABOVE,
        "now": now,
        "start": now - timedelta(days=scale.days),
        "staff": staff.pk if staff else None,
        "helper": helper.pk if helper else None,
    }
    columns = ", ".join(row)
    places = ", ".join(["%s"] * len(row))
    cursor.execute(f"INSERT INTO scale ({columns}) VALUES ({places})", list(row.values()))  # type: ignore[attr-defined]  # noqa: S608


def _script(name: str) -> str:
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text()
