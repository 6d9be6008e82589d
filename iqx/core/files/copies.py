"""Finding pictures and documents that were sent before, be it scaled, recompressed or under another name."""

from datetime import timedelta
from typing import Final

from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from iqx.core import clock
from iqx.core.files.examining import Examined
from iqx.core.models import StoredFile

LOOKED_BACK: Final = timedelta(days=180)
NEAR_LOOK: Final = 12
NEAR_DETAIL: Final = 40
"""How many bits of the hashes of a copy may differ; of detail 1 in 25 of those that are set as well."""

_TOO_EVEN: Final = 100  # bits of detail: with fewer, an image looks like any other
_DISTANCE = """
CASE WHEN dhash <> '' AND bit_count(('x' || dhash)::bit(256) # ('x' || %s)::bit(256)) <= %s
     THEN bit_count(('x' || detail)::bit(8192) # ('x' || %s)::bit(8192)) END
"""


def copies_of(examined: Examined, *, purposes: list[str]) -> QuerySet[StoredFile]:
    """Files kept for `purposes` in the last months that are the same bytes, or look the same."""
    recent = StoredFile.objects.filter(purpose__in=purposes, created_at__gt=clock.now() - LOOKED_BACK)
    same = Q(sha256=examined.sha256)
    details = int(examined.detail or "0", 16).bit_count()
    if details < _TOO_EVEN:
        return recent.filter(same)
    hashes = [examined.dhash, NEAR_LOOK, examined.detail]
    distance = RawSQL(_DISTANCE, hashes, output_field=IntegerField())  # noqa: S611 the SQL is constant
    return recent.annotate(distance=distance).filter(same | Q(distance__lte=NEAR_DETAIL + details // 25))
