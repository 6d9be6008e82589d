from iqx.core.models.events import Event, Stream
from iqx.core.models.idempotency import IdempotencyRecord
from iqx.core.models.quota import QuotaCounter

__all__ = ["Event", "IdempotencyRecord", "QuotaCounter", "Stream"]
