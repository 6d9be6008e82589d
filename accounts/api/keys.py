"""The calls of `/auth/api-keys`."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api import serializers
from accounts.api.requests import parsed, user_of
from accounts.api.step_up import SteppedUpView, otp_of
from accounts.representations import api_key_json
from accounts.selectors import api_keys_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView


class ApiKeysView(SteppedUpView):
    idempotency = "off"  # a key is not stored for a replay

    @api(response=serializers.ApiKeySerializer, paged=True)
    def get(self, request: Request) -> Response:
        """One's API keys, the newest first."""
        return paginate(request, api_keys_of(user_of(request).pk), api_key_json)

    @api(request=serializers.NewApiKeySerializer, response=serializers.CreatedApiKeySerializer, status=201)
    def post(self, request: Request) -> Response:
        """Make an API key: `Authorization: Key <key>`.

        `read` opens what only reads, `withdraw` withdrawals and their addresses, `trade` the rest. Nothing below
        /auth, and nothing of staff's, can be done with a key.
        """
        asked = parsed(serializers.NewApiKeySerializer, request) | {"otp": otp_of(request)}
        made = services.create_api_key(user_id=user_of(request).pk, **asked)
        return Response({**api_key_json(made.key), "key": made.secret}, status=201)


class ApiKeyView(IqxView):
    @api(status=204)
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Revoke one of one's API keys, at once; its sockets close."""
        services.revoke_api_key(user_id=user_of(request).pk, key_id=key_id)
        return Response(status=204)
