"""What the calls about tickets take, and what they answer with (as the OpenAPI document declares it)."""

from typing import Any

from rest_framework import serializers

from iqx.core.api.fields import CodeField
from support.models import Ticket

Body = serializers.Serializer[Any]


class NewTicketSerializer(Body):
    subject = serializers.CharField(max_length=200)
    category = CodeField(Ticket.Category.values, otherwise=Ticket.Category.OTHER)
    body = serializers.CharField(max_length=5000)


class NewMessageSerializer(Body):
    body = serializers.CharField(max_length=5000)


class TicketMessageSerializer(Body):
    from_staff = serializers.BooleanField()
    body = serializers.CharField()
    at = serializers.DateTimeField()


class TicketSerializer(Body):
    id = serializers.UUIDField()
    subject = serializers.CharField()
    category = serializers.ChoiceField(Ticket.Category.choices)
    status = serializers.ChoiceField(Ticket.Status.choices)
    messages = TicketMessageSerializer(many=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class TicketPersonSerializer(Body):
    id = serializers.UUIDField()
    display_name = serializers.CharField()


class StaffTicketSerializer(TicketSerializer):
    user = TicketPersonSerializer()
    assignee = TicketPersonSerializer(allow_null=True, help_text="Who answered first.")
