"""The books, checked from outside: what PostgreSQL's constraints promise, recomputed from the rows.

Apps above know why USDT are locked, and this one must not know them: each registers a query of its claims, and all
claims together have to be exactly what the wallets have locked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Check:
    """`faults` yields (subject, what is wrong) for every row that contradicts `claim`; `size` counts those examined."""

    name: str
    claim: str
    size: str
    faults: str


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Result:
    check: Check
    examined: int
    findings: list[Finding]


_claims: dict[str, str] = {}


def register_claims(name: str, sql: str) -> None:
    """Declare why USDT are locked: `sql` yields (user_id, amount), any number of rows for a user.

    Call it from `AppConfig.ready`. All queries run in one snapshot.
    """
    _claims[name] = sql


def audit() -> list[Finding]:
    """Everything that is wrong with the books: an empty list."""
    return [finding for result in examine() for finding in result.findings]


def examine() -> list[Result]:
    """Run every check in one snapshot, so that money on the move is not seen twice or never."""
    with _snapshot():
        return [_run(check) for check in (*_CHECKS, _locked_funds_check())]


@contextmanager
def _snapshot() -> Iterator[None]:
    if connection.in_atomic_block:  # the caller's transaction is the snapshot
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _run(check: Check) -> Result:
    with connection.cursor() as cursor:
        cursor.execute(check.size)
        (examined,) = cursor.fetchone()
        cursor.execute(check.faults)
        findings = [Finding(check.name, str(subject), str(detail)) for subject, detail in cursor.fetchall()]
    return Result(check, examined, findings)


_CHECKS = (
    Check(
        "wallet_sums",
        "every wallet holds the sum of its entries, and counts them",
        "SELECT count(*) FROM wallets_wallet",
        """
        SELECT w.user_id, format('shows %s + %s locked at %s, entries say %s + %s locked at %s',
                                 w.available, w.locked, w.version, e.available, e.locked, e.entries)
        FROM wallets_wallet w
        LEFT JOIN (
            SELECT wallet_id, sum(available_delta) AS available, sum(locked_delta) AS locked, count(*) AS entries
            FROM wallets_entry GROUP BY wallet_id
        ) e ON e.wallet_id = w.user_id
        WHERE (w.available, w.locked, w.version)
            IS DISTINCT FROM (coalesce(e.available, 0), coalesce(e.locked, 0), coalesce(e.entries, 0))
        """,
    ),
    Check(
        "wallet_heads",
        "every wallet shows what its newest entry left",
        "SELECT count(*) FROM wallets_wallet WHERE version > 0",
        """
        SELECT w.user_id, format('shows version %s, whose entry differs; the newest entry is %s', w.version, e.version)
        FROM wallets_wallet w
        LEFT JOIN (
            SELECT DISTINCT ON (wallet_id) wallet_id, version, available_after, locked_after
            FROM wallets_entry WHERE wallet_id IS NOT NULL ORDER BY wallet_id, version DESC
        ) e ON e.wallet_id = w.user_id
        WHERE (w.version, w.available, w.locked)
            IS DISTINCT FROM (coalesce(e.version, 0), coalesce(e.available_after, 0), coalesce(e.locked_after, 0))
        """,
    ),
    Check(
        "chains",
        "every entry of a wallet continues from the one before it",
        "SELECT count(*) FROM wallets_entry WHERE wallet_id IS NOT NULL",
        """
        SELECT wallet_id, format('entry %s starts from %s + %s locked after entry %s, which left %s + %s locked',
                                 version, available_after - available_delta, locked_after - locked_delta,
                                 before, available_before, locked_before)
        FROM (
            SELECT *, lag(version, 1, 0::bigint) OVER chain AS before,
                   lag(available_after, 1, 0::numeric) OVER chain AS available_before,
                   lag(locked_after, 1, 0::numeric) OVER chain AS locked_before
            FROM wallets_entry WHERE wallet_id IS NOT NULL
            WINDOW chain AS (PARTITION BY wallet_id ORDER BY version)
        ) e
        WHERE (version - 1, available_after - available_delta, locked_after - locked_delta)
            IS DISTINCT FROM (before, available_before, locked_before)
        """,
    ),
    Check(
        "transfers",
        "every transfer moves something, and sums to zero",
        "SELECT count(*) FROM wallets_transfer",
        """
        SELECT t.id, format('%s of %s %s sums to %s', t.kind, t.ref_kind, t.ref_id, e.total)
        FROM wallets_transfer t
        LEFT JOIN (
            SELECT transfer_id, sum(available_delta + locked_delta) AS total FROM wallets_entry GROUP BY transfer_id
        ) e ON e.transfer_id = t.id
        WHERE coalesce(e.total, 1) <> 0
        """,
    ),
    Check(
        "accounts",
        "all wallets and system accounts sum to zero",
        "SELECT count(*) FROM wallets_entry",
        """
        SELECT 'all accounts', format('wallets hold %s, system accounts %s', wallets, system)
        FROM (SELECT coalesce(sum(available + locked), 0) AS wallets FROM wallets_wallet) w,
             (SELECT coalesce(sum(available_delta), 0) AS system FROM wallets_entry
              WHERE system_account IS NOT NULL) s
        WHERE wallets + system <> 0
        """,
    ),
    Check(
        "system_accounts",
        "every system account's rolled-up balance, with what waits to be rolled up, is the sum of its entries",
        "SELECT count(*) FROM wallets_entry WHERE system_account IS NOT NULL",
        """
        SELECT account, format('rolled up and waiting %s, entries %s', coalesce(r.total, 0), coalesce(e.total, 0))
        FROM (
            SELECT account, sum(amount) AS total FROM (
                SELECT account, balance AS amount FROM wallets_systemrollup
                UNION ALL SELECT account, amount FROM wallets_unrolledentry
            ) parts GROUP BY account
        ) r
        FULL JOIN (
            SELECT system_account AS account, sum(available_delta) AS total
            FROM wallets_entry WHERE system_account IS NOT NULL GROUP BY system_account
        ) e USING (account)
        WHERE coalesce(r.total, 0) <> coalesce(e.total, 0)
        """,
    ),
)


def _locked_funds_check() -> Check:
    claims = " UNION ALL ".join(f"SELECT user_id, amount FROM ({sql}) AS claim" for sql in _claims.values())  # noqa: S608
    return Check(
        "locked_funds",
        f"what is locked is what is claimed by: {', '.join(_claims)}",
        "SELECT count(*) FROM wallets_wallet WHERE locked > 0",
        f"""
        SELECT user_id, format('%s locked, %s claimed', coalesce(w.locked, 0), coalesce(c.claimed, 0))
        FROM wallets_wallet w
        FULL JOIN (SELECT user_id, sum(amount) AS claimed FROM ({claims}) every GROUP BY user_id) c USING (user_id)
        WHERE coalesce(w.locked, 0) <> coalesce(c.claimed, 0)
        """,  # noqa: S608
    )
