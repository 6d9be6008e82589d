"""What the calls about disputes take, and what they answer with (as the OpenAPI document declares it)."""

from typing import Any

from rest_framework import serializers

from disputes.models import Dispute, DisputeEntry
from iqx.core.api.fields import AmountField, CodeField
from trades.models import Step

Body = serializers.Serializer[Any]


class NewDisputeSerializer(Body):
    reason = CodeField(Dispute.Reason.values, otherwise=Dispute.Reason.OTHER)
    statement = serializers.CharField(max_length=2000, help_text="What happened; the other party reads it too.")


class EvidenceSerializer(Body):
    statement = serializers.CharField(max_length=2000)


class AssignmentSerializer(Body):
    assignee = serializers.UUIDField(required=False, help_text="A member of staff; by default the caller.")


class CommentSerializer(Body):
    note = serializers.CharField(max_length=2000, help_text="Both parties read it.")


class RulingSerializer(Body):
    resolution = serializers.ChoiceField(Dispute.Resolution.choices)
    buyer_amount = AmountField(required=False, help_text="Of a split: what of the trade's amount the buyer gets.")
    reason = serializers.CharField(max_length=2000, help_text="Both parties read it.")


class DisputeEntrySerializer(Body):
    action = serializers.ChoiceField(DisputeEntry.Action.choices)
    actor = serializers.ChoiceField(Step.Actor.choices)
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class DisputeSerializer(Body):
    id = serializers.UUIDField()
    trade = serializers.UUIDField()
    opened_by = serializers.ChoiceField(
        Dispute.Opener.choices, help_text="system: the seller's time to release ran out twice."
    )
    reason = serializers.ChoiceField(Dispute.Reason.choices)
    status = serializers.ChoiceField(Dispute.Status.choices)
    resolution = serializers.ChoiceField(Dispute.Resolution.choices, allow_null=True)
    buyer_amount = AmountField(allow_null=True, help_text="Of the trade's amount, what the ruling gave to the buyer.")
    deadline = serializers.DateTimeField(allow_null=True, help_text="When it is escalated, unless it is closed.")
    timeline = DisputeEntrySerializer(many=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class PersonSerializer(Body):
    id = serializers.UUIDField()
    display_name = serializers.CharField()


class StaffDisputeSerializer(DisputeSerializer):
    market = serializers.CharField()
    reference = serializers.CharField()
    amount = AmountField()
    total = serializers.CharField()
    quote = serializers.CharField()
    payment_method = serializers.CharField(allow_null=True)
    buyer = PersonSerializer()
    seller = PersonSerializer()
    assignee = PersonSerializer(allow_null=True)
    resolved_by = PersonSerializer(allow_null=True)
