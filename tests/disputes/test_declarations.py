"""What the OpenAPI document declares is what is sent."""

import pytest

from disputes.api import serializers
from disputes.models import Dispute
from disputes.representations import dispute_json, staff_dispute_json

pytestmark = pytest.mark.django_db


def declared(serializer: type[serializers.Body]) -> list[str]:
    return list(serializer().fields)


def test_what_is_declared_is_what_is_sent(dispute: Dispute) -> None:
    shown = staff_dispute_json(dispute)
    assert declared(serializers.DisputeSerializer) == list(dispute_json(dispute))
    assert declared(serializers.StaffDisputeSerializer) == list(shown)
    assert declared(serializers.DisputeEntrySerializer) == list(shown["timeline"][0])
    assert declared(serializers.PersonSerializer) == list(shown["buyer"])


def test_amounts_are_strings(dispute: Dispute) -> None:
    shown = staff_dispute_json(dispute)
    assert [type(shown[field]) for field in ("amount", "total")] == [str, str]
