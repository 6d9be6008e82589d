"""What the calls about tickets take, and what they answer with (as the OpenAPI document declares it)."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import ExplainedSerializer
from iqx.core.api.fields import CodeField
from iqx.core.api.files import StoredFileSerializer
from iqx.core.api.multipart import UploadField
from support.models import Ticket

Body = serializers.Serializer[Any]


class NewTicketSerializer(Body):
    subject = serializers.CharField(max_length=200)
    category = CodeField(Ticket.Category.values, otherwise=Ticket.Category.OTHER)
    body = serializers.CharField(max_length=5000)
    trade = serializers.UUIDField(required=False, help_text="Of one's own, that it is about.")
    order = serializers.UUIDField(required=False, help_text="Of one's own, that it is about.")


class NewTicketFormSerializer(NewTicketSerializer):
    file = UploadField()


class NewMessageSerializer(Body):
    body = serializers.CharField(max_length=5000)


class NewMessageFormSerializer(NewMessageSerializer):
    file = UploadField()


class RatingSerializer(Body):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class TicketAssignmentSerializer(ExplainedSerializer):
    assignee = serializers.UUIDField(required=False, help_text="A member of staff; by default the caller.")


class NewCannedAnswerSerializer(Body):
    title = serializers.CharField(max_length=120)
    category = serializers.ChoiceField(Ticket.Category.choices, required=False, help_text="Without: of any.")
    body = serializers.CharField(max_length=5000)


class CannedAnswerSerializer(Body):
    id = serializers.UUIDField()
    title = serializers.CharField()
    category = serializers.ChoiceField(Ticket.Category.choices, allow_null=True)
    body = serializers.CharField()


class ServiceSerializer(Body):
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()
    rated = serializers.IntegerField()
    rating = serializers.CharField(allow_null=True, help_text="The average.")
    first_answer_seconds = serializers.IntegerField(allow_null=True, help_text="The median.")
    resolution_seconds = serializers.IntegerField(allow_null=True, help_text="The median.")


class TicketMessageSerializer(Body):
    from_staff = serializers.BooleanField()
    body = serializers.CharField()
    files = StoredFileSerializer(many=True)
    at = serializers.DateTimeField()


class TicketSerializer(Body):
    id = serializers.UUIDField()
    subject = serializers.CharField()
    category = serializers.ChoiceField(Ticket.Category.choices)
    status = serializers.ChoiceField(Ticket.Status.choices)
    trade = serializers.UUIDField(allow_null=True)
    order = serializers.UUIDField(allow_null=True)
    messages = TicketMessageSerializer(many=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="By when who speaks next should have spoken.")
    rating = serializers.IntegerField(allow_null=True, help_text="1 to 5.")
    rating_comment = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.ChoiceField(
        Ticket.Closer.choices, allow_null=True, help_text="system: its owner fell silent."
    )
    version = serializers.IntegerField()


class TicketPersonSerializer(Body):
    id = serializers.UUIDField()
    display_name = serializers.CharField()


class StaffTicketSerializer(TicketSerializer):
    user = TicketPersonSerializer()
    assignee = TicketPersonSerializer(allow_null=True, help_text="Who answered first, or was assigned.")
    first_answer_seconds = serializers.IntegerField(allow_null=True)
    resolution_seconds = serializers.IntegerField(allow_null=True)
