from django.db import connection

from iqx.core.transactions import use_case

_ROLL_UP = """
WITH next AS MATERIALIZED (  -- a sub-select may be run more than once, and take its LIMIT each time
    SELECT entry_id FROM wallets_unrolledentry ORDER BY entry_id LIMIT %s FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM wallets_unrolledentry u USING next WHERE u.entry_id = next.entry_id RETURNING account, amount
), rolled AS (
    INSERT INTO wallets_systemrollup AS r (account, balance)
    SELECT account, sum(amount) FROM taken GROUP BY account ORDER BY account
    ON CONFLICT (account) DO UPDATE SET balance = r.balance + excluded.balance
)
SELECT count(*) FROM taken
"""


@use_case
def roll_up_system_accounts(*, batch: int = 10_000) -> int:
    """Add at most `batch` waiting entries to the system accounts' rolled-up balances; returns how many.

    Any number of callers may run at once: each entry is taken by one of them, whenever it was committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, [batch])
        (taken,) = cursor.fetchone()
    return int(taken)
