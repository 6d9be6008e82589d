"""The calls about webhooks and the log of what was posted to them."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.notices import selectors, webhooks
from iqx.notices.api import serializers
from iqx.notices.representations import delivery_json, webhook_json


class WebhooksView(IqxView):
    idempotency = "off"  # the answer holds the secret

    @api(response=serializers.WebhookSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List own webhooks, newest first."""
        return paginate(request, selectors.webhooks_of(user_of(request).id), webhook_json)

    @api(request=serializers.NewWebhookSerializer, response=serializers.CreatedWebhookSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Have events posted to an address, once it has answered a challenge.

        It is sent a signed `{"type": "webhook.challenge", "data": {"challenge": ...}}` and must answer 200 with
        `{"challenge": ...}`. The secret, with which all posts are signed, is shown here and never again.
        """
        body = parsed(serializers.NewWebhookSerializer, request)
        hook, secret = webhooks.create_webhook(user=user_of(request), **body)
        return Response(webhook_json(hook) | {"secret": secret}, status=201)


class WebhookView(IqxView):
    @api(response=serializers.WebhookSerializer)
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """Show an own webhook."""
        return Response(webhook_json(selectors.get_webhook(webhook_id=webhook_id, user_id=user_of(request).id)))

    @api(request=serializers.ChangeWebhookSerializer, response=serializers.WebhookSerializer)
    def patch(self, request: Request, webhook_id: UUID) -> Response:
        """Change an own webhook, pause it, or switch it on again."""
        user_id = user_of(request).id
        selectors.get_webhook(webhook_id=webhook_id, user_id=user_id)
        body = parsed(serializers.ChangeWebhookSerializer, request)
        return Response(webhook_json(webhooks.change_webhook(webhook_id=webhook_id, user_id=user_id, **body)))

    @api(status=204)
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Delete an own webhook, with its log."""
        webhooks.delete_webhook(webhook_id=webhook_id, user_id=user_of(request).id)
        return Response(status=204)


class DeliveriesView(IqxView):
    @api(response=serializers.DeliverySerializer, paged=True)
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """List what was posted to an own webhook, or will be; the newest event first."""
        hook = selectors.get_webhook(webhook_id=webhook_id, user_id=user_of(request).id)
        return paginate(request, selectors.deliveries_of(hook), delivery_json, "-seq")


class RedeliverView(IqxView):
    @api(response=serializers.DeliverySerializer)
    def post(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        """Post once more what was posted or given up, under the same id."""
        user_id = user_of(request).id
        delivery = webhooks.redeliver(delivery_id=delivery_id, webhook_id=webhook_id, user_id=user_id)
        return Response(delivery_json(delivery))
