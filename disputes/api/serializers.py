"""What the calls about disputes take, and what they answer with (as the OpenAPI document declares it)."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import ExplainedSerializer
from accounts.api.trust import OwnerSerializer
from disputes.models import Dispute, DisputeEntry, Ruling
from iqx.core.api.fields import AmountField, CodeField
from iqx.core.api.files import StoredFileSerializer
from iqx.core.api.multipart import UploadField
from trades.models import Step

Body = serializers.Serializer[Any]


class NewDisputeSerializer(Body):
    reason = CodeField(Dispute.Reason.values, otherwise=Dispute.Reason.OTHER)
    statement = serializers.CharField(max_length=2000, help_text="What happened; the other party reads it too.")


class ReasonsSerializer(Body):
    reasons = serializers.ListField(
        child=serializers.ChoiceField(Dispute.Reason.choices), help_text="That the caller may give now; perhaps none."
    )


class EvidenceSerializer(Body):
    statement = serializers.CharField(max_length=2000)


class EvidenceFormSerializer(Body):
    """A statement, files, or both; files may come in several fields of any name."""

    statement = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    file = UploadField()


class AssignmentSerializer(ExplainedSerializer):
    assignee = serializers.UUIDField(required=False, help_text="A member of staff; by default the caller.")


class CommentSerializer(Body):
    note = serializers.CharField(max_length=2000, help_text="Both parties read it.")
    asks = serializers.ListField(
        child=serializers.ChoiceField(["buyer", "seller"]),
        required=False,
        max_length=2,
        help_text="Whose answer is awaited now.",
    )


class NoteSerializer(Body):
    note = serializers.CharField(max_length=2000, help_text="Staff alone read it.")


class HelperSerializer(ExplainedSerializer):
    user = serializers.UUIDField(help_text="Who may read this dispute, and do nothing in it.")


class RulingSerializer(Body):
    resolution = serializers.ChoiceField(
        Dispute.Resolution.choices, required=False, help_text="While there is an escrow: where it goes."
    )
    buyer_amount = AmountField(required=False, help_text="Of a split: what of the trade's amount the buyer gets.")
    finding = serializers.ChoiceField(
        Dispute.Finding.choices, required=False, help_text="After the trade's end: who was right."
    )
    compensation = AmountField(
        required=False, help_text="With a finding: asks for an adjustment in his favour, which another admin approves."
    )
    reason = serializers.CharField(max_length=2000, help_text="Both parties read it.")


class ConfirmationSerializer(ExplainedSerializer):
    ruling = serializers.UUIDField(help_text="The one that was read.")


class SentFileSerializer(StoredFileSerializer):
    seen_before = serializers.BooleanField(
        help_text="The buyer's receipt was sent in another trade; for the seller and staff to see."
    )


class DisputeEntrySerializer(Body):
    action = serializers.ChoiceField(DisputeEntry.Action.choices)
    actor = serializers.ChoiceField(Step.Actor.choices)
    note = serializers.CharField(allow_blank=True)
    files = SentFileSerializer(many=True)
    at = serializers.DateTimeField()


class CopySerializer(Body):
    sent_by = serializers.UUIDField()
    sent_for = serializers.CharField()
    sent_at = serializers.DateTimeField()


class StaffFileSerializer(SentFileSerializer):
    copies = CopySerializer(many=True, help_text="Files sent before, about other trades, that look the same.")


class StaffEntrySerializer(DisputeEntrySerializer):
    files = StaffFileSerializer(many=True)
    internal = serializers.BooleanField(help_text="Read by staff alone.")


class AnswersDueSerializer(Body):
    buyer = serializers.DateTimeField(allow_null=True)
    seller = serializers.DateTimeField(allow_null=True)


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
    after_end = serializers.BooleanField(help_text="Opened when the trade had ended: there is no escrow to rule about.")
    finding = serializers.ChoiceField(
        Dispute.Finding.choices, allow_null=True, help_text="Who was right, in a dispute after the end."
    )
    deadline = serializers.DateTimeField(allow_null=True, help_text="When it is escalated, unless it is closed.")
    answers_due = AnswersDueSerializer(help_text="Until when each party's answer is awaited, if it is.")
    timeline = DisputeEntrySerializer(many=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class PersonSerializer(Body):
    id = serializers.UUIDField()
    display_name = serializers.CharField()


class MadeRulingSerializer(Body):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(Ruling.Status.choices)
    resolution = serializers.ChoiceField(Dispute.Resolution.choices, allow_null=True)
    buyer_amount = AmountField(allow_null=True)
    finding = serializers.ChoiceField(Dispute.Finding.choices, allow_null=True)
    compensation = AmountField(allow_null=True)
    reason = serializers.CharField()
    needs_second = serializers.BooleanField(help_text="Whether another admin has to confirm it.")
    proposed_by = PersonSerializer()
    confirmed_by = PersonSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class PastDisputesSerializer(Body):
    total = serializers.IntegerField()
    opened = serializers.IntegerField()
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    live = serializers.IntegerField()


class PartySerializer(Body):
    account_created_at = serializers.DateTimeField()
    account_age_days = serializers.IntegerField()
    suspended = serializers.BooleanField()
    kyc_status = serializers.CharField()
    kyc_level = serializers.IntegerField()
    record = OwnerSerializer(help_text="How he trades, as everybody may see it.")
    live_trades = serializers.IntegerField()
    disputes = PastDisputesSerializer()


class HistorySerializer(Body):
    buyer = PartySerializer()
    seller = PartySerializer()
    trades_together = serializers.IntegerField(help_text="Others, between the same two.")
    status_before = serializers.CharField(help_text="Of the trade, when the dispute was opened.")


class StaffDisputeSerializer(DisputeSerializer):
    timeline = StaffEntrySerializer(many=True)
    staff_due_at = serializers.DateTimeField(
        allow_null=True, help_text="By when staff have to act, or another gets it."
    )
    market = serializers.CharField()
    reference = serializers.CharField()
    amount = AmountField()
    total = serializers.CharField()
    quote = serializers.CharField()
    payment_method = serializers.CharField(allow_null=True)
    trade_status = serializers.CharField()
    buyer = PersonSerializer()
    seller = PersonSerializer()
    assignee = PersonSerializer(allow_null=True)
    resolved_by = PersonSerializer(allow_null=True)
    helpers = PersonSerializer(many=True)
    rulings = MadeRulingSerializer(many=True)


class DossierSerializer(StaffDisputeSerializer):
    history = HistorySerializer()
