"""The calls about notices and how one wants to be told them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from accounts.models import User
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import PAGE_PARAMETERS, api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from iqx.notices import addresses, selectors, services
from iqx.notices.api import serializers
from iqx.notices.errors import PhoneCodeInvalid
from iqx.notices.providers import web_push
from iqx.notices.representations import notice_json, preferences_json, subscription_json

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


def _preferences(user: User) -> dict[str, Any]:
    preferences, phone = selectors.preferences_of(user.pk), addresses.phone_of(user.pk)
    return preferences_json(preferences, phone, staff=user.is_staff_member)


class PreferencesView(IqxView):
    @api(response=serializers.PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """Show how one is told what, with the catalogue of all kinds of notices."""
        return Response(_preferences(user_of(request)))

    @api(request=serializers.ChangePreferencesSerializer, response=serializers.PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        """Change how one is told what."""
        body = parsed(serializers.ChangePreferencesSerializer, request)
        no_quiet = "quiet_hours" in body and body["quiet_hours"] is None
        services.change_preferences(user_id=user_of(request).id, end_quiet_hours=no_quiet, **body)
        return Response(_preferences(user_of(request)))


class PhoneView(IqxView):
    idempotency = "off"  # the code goes out in no transaction, and a wrong one is counted

    @api(request=serializers.PhoneSerializer, response=serializers.PreferencesSerializer, status=202)
    def post(self, request: Request) -> Response:
        """Have SMS sent to a telephone, once the code that goes there now has come back."""
        body = parsed(serializers.PhoneSerializer, request)
        addresses.ask_for_phone(user=user_of(request), number=body["phone"])
        return Response(_preferences(user_of(request)), status=202)

    @api(status=204)
    def delete(self, request: Request) -> Response:
        """Forget the telephone."""
        addresses.forget_phone(user_id=user_of(request).id)
        return Response(status=204)


class PhoneConfirmView(IqxView):
    idempotency = "off"

    @api(request=serializers.PhoneCodeSerializer, response=serializers.PreferencesSerializer)
    def post(self, request: Request) -> Response:
        """Send back the code that came by SMS."""
        body = parsed(serializers.PhoneCodeSerializer, request)
        if not addresses.confirm_phone(user_id=user_of(request).id, code=body["code"]):
            raise PhoneCodeInvalid
        return Response(_preferences(user_of(request)))


class PushSubscriptionsView(IqxView):
    @api(response=serializers.PushSubscriptionSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List own devices that take push messages."""
        return paginate(request, selectors.subscriptions_of(user_of(request).id), subscription_json)

    @api(request=serializers.NewPushSubscriptionSerializer, response=serializers.PushSubscriptionSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Have push messages sent to a browser (`endpoint` and `keys`) or an app (`token`)."""
        body = parsed(serializers.NewPushSubscriptionSerializer, request)
        subscription = addresses.subscribe(user=user_of(request), type=body.pop("type"), address=body)
        return Response(subscription_json(subscription), status=201)


class PushSubscriptionView(IqxView):
    @api(status=204)
    def delete(self, request: Request, subscription_id: UUID) -> Response:
        """Send nothing more to a device."""
        addresses.unsubscribe(user_id=user_of(request).id, subscription_id=subscription_id)
        return Response(status=204)


class VapidKeyView(IqxView):
    @api(response=serializers.VapidKeySerializer)
    def get(self, request: Request) -> Response:
        """The key that a browser subscribes with; null where there is no Web Push."""
        return Response({"public_key": web_push.public_key()})
