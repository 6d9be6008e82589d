"""What everybody may read of staff's pages: announcements."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from iqx.core.api.schema import api
from iqx.core.api.system import PublicView
from iqx.desk.announcements import announcement_json, current
from iqx.desk.models import Announcement


class AnnouncementSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    severity = serializers.ChoiceField(Announcement.Severity.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Null: until it is ended.")


class AnnouncementsView(PublicView):
    @api(response=AnnouncementSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List what everybody is told now, warnings first."""
        return Response([announcement_json(announcement) for announcement in current()])
