"""Everything that a refusal has to leave alone."""

from typing import Any

from disputes.models import Dispute, DisputeEntry, DisputeFile, DisputeHelper, Ruling
from iqx.core.models import Event, StoredFile
from trades.models import Step, Trade
from wallets.models import Entry, Wallet


def everything() -> list[list[Any]]:
    """All rows that a use case of disputes could change or add."""
    models: list[Any] = [
        Dispute,
        DisputeEntry,
        DisputeFile,
        DisputeHelper,
        Ruling,
        StoredFile,
        Trade,
        Step,
        Wallet,
        Entry,
        Event,
    ]
    return [list(model.objects.order_by("pk").values()) for model in models]
