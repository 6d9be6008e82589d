from django.urls import path

from iqx.notices.views import devices, notices, preferences, webhooks

urlpatterns = [
    path("notices", notices.NoticesPage.as_view(), name="notices"),
    path("notices/bell", notices.BellPart.as_view(), name="bell"),
    path("notices/read", notices.ReadAll.as_view(), name="notices-read"),
    path("notices/<uuid:notice_id>", notices.OpenNotice.as_view(), name="notice"),
    path("account/notices", preferences.PreferencesPage.as_view(), name="notice-preferences"),
    path("account/notices/devices", devices.SubscribePage.as_view(), name="devices"),
    path("account/notices/devices/<uuid:device_id>/forget", devices.ForgetDevice.as_view(), name="device-forget"),
    path("account/notices/phone", preferences.PhonePage.as_view(), name="phone"),
    path("account/notices/phone/code", preferences.PhoneCodePage.as_view(), name="phone-code"),
    path("account/notices/phone/forget", preferences.ForgetPhone.as_view(), name="phone-forget"),
    path("account/webhooks", webhooks.WebhooksPage.as_view(), name="webhooks"),
    path("account/webhooks/<uuid:webhook_id>", webhooks.WebhookPage.as_view(), name="webhook"),
    path("account/webhooks/<uuid:webhook_id>/<slug:wish>", webhooks.WebhookAction.as_view(), name="webhook-action"),
    path(
        "account/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/again",
        webhooks.Redeliver.as_view(),
        name="webhook-again",
    ),
]
