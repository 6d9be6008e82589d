from django.urls import path

from iqx.notices.api import views, webhook_views

urlpatterns = [
    path("notifications", views.NotificationsView.as_view(), name="notifications"),
    path("notifications/read", views.ReadView.as_view(), name="notifications-read"),
    path("notification-preferences", views.PreferencesView.as_view(), name="notification-preferences"),
    path("notification-preferences/phone", views.PhoneView.as_view(), name="notification-phone"),
    path("notification-preferences/phone/confirm", views.PhoneConfirmView.as_view(), name="notification-phone-confirm"),
    path("push-subscriptions", views.PushSubscriptionsView.as_view(), name="push-subscriptions"),
    path("push-subscriptions/vapid-key", views.VapidKeyView.as_view(), name="push-vapid-key"),
    path("push-subscriptions/<uuid:subscription_id>", views.PushSubscriptionView.as_view(), name="push-subscription"),
    path("webhooks", webhook_views.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook_id>", webhook_views.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/deliveries", webhook_views.DeliveriesView.as_view(), name="webhook-deliveries"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver",
        webhook_views.RedeliverView.as_view(),
        name="webhook-redeliver",
    ),
]
