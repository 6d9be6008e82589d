"""Parts that are the same for everybody: rendered once for all who ask at the same place of their streams.

When something happens on a market, everybody who looks at it has its parts rendered anew. The key of what is kept has
the heads of the streams, each with the version of its row (PostgreSQL's `xmin`: a restored database has other ones).
They are read before anything that is shown, so a kept part may be newer than its key, never older. It is kept in this
process, and only for seconds, since time alone moves some figures.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

from django.core.cache import cache
from django.db.models.expressions import RawSQL

from iqx.core.models import Stream

KEPT_S: Final = 5


def rendered_once(streams: Iterable[str], what: Iterable[str], render: Callable[[], str]) -> str:
    """The part `what` as it is at the heads of `streams`: one query, unless it has to be rendered."""
    found = Stream.objects.filter(pk__in=list(streams)).annotate(version=RawSQL("xmin::text", ()))
    versions = sorted(found.values_list("name", "head", "version"))
    if not versions:
        return render()
    key = hashlib.sha256(repr((versions, *what)).encode()).hexdigest()
    kept = cache.get(key)
    if kept is None:
        kept = render()
        cache.set(key, kept, KEPT_S)
    return str(kept)
