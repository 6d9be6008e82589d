from django.urls import path

from iqx.notices.api import views, webhook_views

urlpatterns = [
    path("notifications", views.NotificationsView.as_view(), name="notifications"),
    path("notifications/read", views.ReadView.as_view(), name="notifications-read"),
    path("notification-preferences", views.PreferencesView.as_view(), name="notification-preferences"),
    path("webhooks", webhook_views.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook_id>", webhook_views.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/deliveries", webhook_views.DeliveriesView.as_view(), name="webhook-deliveries"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver",
        webhook_views.RedeliverView.as_view(),
        name="webhook-redeliver",
    ),
]
