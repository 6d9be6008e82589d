"""The calls about notices and how one wants to be told them."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import PAGE_PARAMETERS, api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from iqx.notices import selectors, services
from iqx.notices.api import serializers
from iqx.notices.representations import notice_json, preferences_json

_FLAGS = {"true": True, "false": False}
UNREAD = OpenApiParameter("unread", bool, description="Only those that are unread, or only those that are read.")


class NotificationsView(IqxView):
    @api(response=serializers.NoticePageSerializer, parameters=[*PAGE_PARAMETERS, UNREAD])
    def get(self, request: Request) -> Response:
        """List own notices, newest first, in the language of one's preferences."""
        user = user_of(request)
        text = request.query_params.get("unread")
        if text is not None and text not in _FLAGS:
            raise Invalid("This must be true or false.", field="unread")
        notices = selectors.notices_of(user.id, unread=_FLAGS[text] if text else None)
        preferences = selectors.preferences_of(user.id)
        response = paginate(request, notices, lambda notice: notice_json(notice, preferences), "-seq")
        response.data["unread"] = selectors.unread_count(user.id)
        return response


class ReadView(IqxView):
    @api(request=serializers.ReadSerializer, response=serializers.UnreadSerializer)
    def post(self, request: Request) -> Response:
        """Mark notices as read, by id or all of them; says how many are unread then."""
        user = user_of(request)
        services.mark_read(user_id=user.id, ids=parsed(serializers.ReadSerializer, request).get("ids"))
        return Response({"unread": selectors.unread_count(user.id)})


class PreferencesView(IqxView):
    @api(response=serializers.PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """Show how one is told what, with the catalogue of all kinds of notices."""
        return Response(preferences_json(selectors.preferences_of(user_of(request).id)))

    @api(request=serializers.ChangePreferencesSerializer, response=serializers.PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        """Change how one is told what."""
        body = parsed(serializers.ChangePreferencesSerializer, request)
        no_quiet = "quiet_hours" in body and body["quiet_hours"] is None
        changed = services.change_preferences(user_id=user_of(request).id, end_quiet_hours=no_quiet, **body)
        return Response(preferences_json(changed))
