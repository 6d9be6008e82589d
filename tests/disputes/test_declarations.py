"""What the OpenAPI document declares is what is sent."""

import pytest

from accounts.models import User
from disputes.api import serializers
from disputes.history import history_of
from disputes.models import Dispute
from disputes.representations import dispute_json, staff_dispute_json
from disputes.selectors import get_any_dispute
from disputes.services import resolve_dispute

pytestmark = pytest.mark.django_db


def declared(serializer: type[serializers.Body]) -> list[str]:
    return list(serializer().fields)


def test_what_is_declared_is_what_is_sent(dispute: Dispute) -> None:
    shown, own = staff_dispute_json(dispute), dispute_json(dispute, dispute.trade.buyer_id)
    assert declared(serializers.DisputeSerializer) == list(own)
    assert declared(serializers.StaffDisputeSerializer) == list(shown)
    assert declared(serializers.DisputeEntrySerializer) == list(
        dispute_json(dispute, dispute.trade.buyer_id)["timeline"][0]
    )
    assert declared(serializers.StaffEntrySerializer) == list(shown["timeline"][0])
    assert declared(serializers.DisputeEntrySerializer) == list(
        dispute_json(dispute, dispute.trade.buyer_id)["timeline"][0]
    )
    assert declared(serializers.AnswersDueSerializer) == list(shown["answers_due"])
    history = history_of(dispute)
    assert declared(serializers.DossierSerializer)[-1] == "history"
    assert declared(serializers.HistorySerializer) == list(history)
    assert declared(serializers.PartySerializer) == list(history["buyer"])
    assert declared(serializers.PastDisputesSerializer) == list(history["buyer"]["disputes"])


def test_what_is_declared_of_a_ruling_is_what_is_sent(dispute: Dispute, admin_user: User) -> None:
    resolve_dispute(dispute_id=dispute.id, actor=admin_user, resolution="refund", reason="No payment came")
    (ruling,) = staff_dispute_json(get_any_dispute(dispute.id))["rulings"]
    assert declared(serializers.MadeRulingSerializer) == list(ruling)


def test_persons_are_declared(dispute: Dispute) -> None:
    shown = staff_dispute_json(dispute)
    assert declared(serializers.PersonSerializer) == list(shown["buyer"])


def test_amounts_are_strings(dispute: Dispute) -> None:
    shown = staff_dispute_json(dispute)
    assert [type(shown[field]) for field in ("amount", "total")] == [str, str]
