"""Halting markets: no new orders and no matching there; cancelling and running trades go on."""

import logging
from collections.abc import Sequence

from iqx.core import audit
from iqx.core.errors import NotFound
from iqx.core.transactions import use_case
from orders.book import lock_books
from orders.models import Market

logger = logging.getLogger(__name__)


@use_case
def set_status(symbols: Sequence[str], status: Market.Status, *, by: str, reason: str) -> list[str]:
    """Halt or resume these markets; those whose status was another.

    Locks: their books. Raises: NotFound.
    """
    found = set(Market.objects.filter(symbol__in=symbols).values_list("symbol", flat=True))
    if missing := set(symbols) - found:
        raise NotFound(f"There is no market {', '.join(sorted(missing))}.")
    lock_books(sorted(found))
    changed = sorted(Market.objects.filter(symbol__in=found).exclude(status=status).values_list("symbol", flat=True))
    Market.objects.filter(symbol__in=changed).update(status=status)
    for symbol in changed:
        audit.record(
            "market_changed", actor=None, subject=("market", symbol), after={"status": status, "by": by}, reason=reason
        )
        logger.warning("%s is %s, by %s: %s", symbol, status, by, reason)
    return changed
