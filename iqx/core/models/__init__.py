from iqx.core.models.audit import AuditBatch, AuditHead, AuditRecord
from iqx.core.models.events import Event, Stream
from iqx.core.models.files import StoredFile
from iqx.core.models.idempotency import IdempotencyRecord
from iqx.core.models.maintenance import Maintenance
from iqx.core.models.pulse import Outage, Pulse, PulseKind
from iqx.core.models.quota import QuotaCounter

__all__ = [
    "AuditBatch",
    "AuditHead",
    "AuditRecord",
    "Event",
    "IdempotencyRecord",
    "Maintenance",
    "Outage",
    "Pulse",
    "PulseKind",
    "QuotaCounter",
    "StoredFile",
    "Stream",
]
