"""The control of every race: with row locks off, what they prevent has to happen."""

import re
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper

from orders import turnover

_ROW_LOCK = re.compile(r"\s+FOR NO KEY UPDATE(?! SKIP)(\s+OF\s+[\w\", ]+)?")


# The daily limit's row is locked by an upsert, which waits for others by itself.
_UNLOCKED = {
    turnover._CLAIM: """
    SELECT o, wanted + (SELECT coalesce(max(amount), 0) FROM orders_turnover WHERE day = %s AND user_id = o)
    FROM unnest(%s::uuid[], %s::numeric[]) AS c(o, wanted)
    """,
}


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row locks out of every statement, in all threads; those of event streams stay."""
    execute = CursorWrapper.execute

    def execute_unlocked(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        if isinstance(sql, str) and "core_stream" not in sql:
            sql = _UNLOCKED.get(sql) or _ROW_LOCK.sub("", sql)
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", execute_unlocked)
