"""What was said about trades leaves the platform years after their ends.

A chat stays as long as somebody may need it: while its trade or a dispute about it is open, while a receipt in it is
what a younger trade's receipt was found to repeat, and where evidence of a dispute is a copy of a file in it.
"""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from disputes.models import Dispute
from iqx.core.files import storage
from iqx.core.models import StoredFile
from iqx.core.transactions import use_case

_OVER: Final = """
SELECT DISTINCT trade_id FROM (
    SELECT m.trade_id FROM trades_message m JOIN trades_trade t ON t.id = m.trade_id
    WHERE m.at < %(before)s AND t.closed_at < %(before)s
      AND NOT EXISTS (SELECT FROM disputes_dispute d WHERE d.trade_id = t.id AND d.status = ANY(%(live)s))
      AND NOT EXISTS (
          SELECT FROM trades_message seen JOIN trades_receiptflag f ON f.seen_in_id = seen.id
          JOIN trades_message repeat ON repeat.id = f.message_id
          JOIN trades_trade younger ON younger.id = repeat.trade_id
          WHERE seen.trade_id = t.id AND (younger.closed_at IS NULL OR younger.closed_at >= %(before)s))
      AND NOT EXISTS (
          SELECT FROM trades_message sent JOIN disputes_disputefile_copies c ON c.storedfile_id = sent.attachment_id
          WHERE sent.trade_id = t.id)
    LIMIT %(limit)s
) AS messages
"""
_FORGET: Final = (
    "DELETE FROM trades_readmark WHERE trade_id = ANY(%(trades)s)",
    """
    DELETE FROM trades_receiptflag f USING trades_message m
    WHERE m.id IN (f.message_id, f.seen_in_id) AND m.trade_id = ANY(%(trades)s)
    """,
    "DELETE FROM trades_message WHERE trade_id = ANY(%(trades)s) RETURNING attachment_id",
)


@use_case
def forget_chats(before: datetime, limit: int) -> int:
    """Delete what was said about trades that ended before that, whole chats of about `limit` messages together.

    The trigger of the table lets go what this transaction names, if it agrees that the trade has ended by then and that
    no dispute about it is open. How many messages it were.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OVER, {"before": before, "limit": limit, "live": list(Dispute.LIVE)})
        trades = [trade for (trade,) in cursor.fetchall()]
        if not trades:
            return 0
        cursor.execute("SELECT set_config('iqx.chats_leave_before', %s, true)", [before.isoformat()])
        for statement in _FORGET:
            cursor.execute(statement, {"trades": trades})
        attachments = [attachment for (attachment,) in cursor.fetchall()]
    _forget_files([attachment for attachment in attachments if attachment])
    return len(attachments)


def _forget_files(ids: list[UUID]) -> None:
    files = StoredFile.objects.filter(pk__in=ids)
    for blob in files.values_list("blob", flat=True):
        transaction.on_commit(partial(storage.private().delete, blob))
    files.delete()
