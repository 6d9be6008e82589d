from disputes.models import Dispute
from disputes.representations import dispute_json
from iqx.core.events import NewEvent, user_stream


def dispute_updated(dispute: Dispute) -> list[NewEvent]:
    """To both parties."""
    parties = (dispute.trade.buyer_id, dispute.trade.seller_id)
    return [NewEvent(user_stream(party), "dispute_updated", dispute_json(dispute, party)) for party in parties]
