"""What the calls about notices take, and what they answer with (as the OpenAPI document declares it)."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from iqx.notices.catalogue import Group
from iqx.notices.models import Delivery, PushSubscription, Webhook

Body = serializers.Serializer[Any]


class AboutSerializer(Body):
    kind = serializers.CharField(help_text="`trade`, `dispute`, `deposit`, `withdrawal`, `ticket` ...")
    id = serializers.CharField()


class NoticeSerializer(Body):
    id = serializers.UUIDField()
    seq = serializers.IntegerField(help_text="Of the event that it tells of, in the user's own stream.")
    kind = serializers.CharField()
    group = serializers.ChoiceField([group.value for group in Group])
    urgent = serializers.BooleanField()
    title = serializers.CharField()
    body = serializers.CharField()
    about = AboutSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NoticePageSerializer(Body):
    results = NoticeSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    unread = serializers.IntegerField(help_text="How many are unread altogether.")


class ReadSerializer(Body):
    ids = serializers.ListField(child=serializers.UUIDField(), max_length=200, required=False)
    all = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == bool(attrs.get("all")):
            raise serializers.ValidationError("Send either `ids` or `all: true`.")
        return attrs


class UnreadSerializer(Body):
    unread = serializers.IntegerField()


class QuietHoursSerializer(Body):
    until = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is a word of Python's own."""
        start = serializers.TimeField(format="%H:%M", input_formats=["%H:%M"])
        return {"from": start, **super().get_fields()}


class ChangePreferencesSerializer(Body):
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    time_zone = serializers.CharField(max_length=64, required=False, help_text="A name of the IANA database.")
    quiet_hours = QuietHoursSerializer(
        required=False, allow_null=True, help_text="In that time zone. Only urgent notices ring then."
    )
    notices = serializers.DictField(
        child=serializers.DictField(child=serializers.BooleanField()),
        required=False,
        help_text="`{kind: {channel: on}}`, merged into what was chosen before.",
    )


class CatalogueEntrySerializer(Body):
    kind = serializers.CharField()
    group = serializers.ChoiceField([group.value for group in Group])
    urgent = serializers.BooleanField(help_text="Passes quiet hours.")
    locked = serializers.ListField(child=serializers.CharField(), help_text="Channels that can't be switched off.")


class PhoneNumberSerializer(Body):
    number = serializers.CharField()
    verified = serializers.BooleanField()


class PreferencesSerializer(Body):
    language = serializers.ChoiceField(settings.LANGUAGES)
    time_zone = serializers.CharField()
    quiet_hours = QuietHoursSerializer(allow_null=True)
    phone = PhoneNumberSerializer(allow_null=True)
    notices = serializers.DictField(child=serializers.DictField(child=serializers.BooleanField()))
    catalogue = CatalogueEntrySerializer(many=True)


class _WebhookFields(Body):
    url = serializers.CharField(max_length=500, trim_whitespace=False)
    description = serializers.CharField(max_length=100, allow_blank=True, required=False)
    events = serializers.ListField(
        child=serializers.RegexField(r"^[a-z][a-z0-9_]{0,39}$"),
        max_length=50,
        required=False,
        help_text="Types of events of one's own stream; none: all of them.",
    )


class NewWebhookSerializer(_WebhookFields):
    pass


class ChangeWebhookSerializer(_WebhookFields):
    url = serializers.CharField(max_length=500, trim_whitespace=False, required=False)
    active = serializers.BooleanField(required=False, help_text="false pauses; true challenges the address anew.")


class WebhookSerializer(Body):
    id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    events = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(Webhook.Status.choices)
    reason = serializers.CharField(allow_null=True, help_text="Why it was switched off.")
    failures = serializers.IntegerField(help_text="In a row.")
    created_at = serializers.DateTimeField()


class CreatedWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="Verifies the signatures; shown this once.")


class DeliverySerializer(Body):
    id = serializers.UUIDField(help_text="The header `webhook-id`, the same at every attempt.")
    event = serializers.CharField()
    seq = serializers.IntegerField()
    state = serializers.ChoiceField(Delivery.State.choices)
    attempts = serializers.IntegerField()
    answer = serializers.CharField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)


class PhoneSerializer(Body):
    phone = serializers.CharField(max_length=30, help_text="With its country: +49 30 1234567.")


class PhoneCodeSerializer(Body):
    code = serializers.CharField(max_length=20)


class PushKeysSerializer(Body):
    p256dh = serializers.CharField(max_length=200)
    auth = serializers.CharField(max_length=100)


class NewPushSubscriptionSerializer(Body):
    type = serializers.ChoiceField(PushSubscription.Type.choices)
    endpoint = serializers.CharField(max_length=1000, required=False, help_text="Of a browser.")
    keys = PushKeysSerializer(required=False)
    token = serializers.CharField(max_length=1000, required=False, help_text="Of an app.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What belongs to the type, and nothing else."""
        needed = {"type", "endpoint", "keys"} if attrs["type"] == "web_push" else {"type", "token"}
        if set(attrs) != needed:
            raise serializers.ValidationError("A browser has `endpoint` and `keys`, an app `token`.")
        return attrs


class PushSubscriptionSerializer(Body):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(PushSubscription.Type.choices)
    created_at = serializers.DateTimeField()


class VapidKeySerializer(Body):
    public_key = serializers.CharField(allow_null=True)
