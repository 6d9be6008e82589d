from django.urls import path

from iqx.notices.api import views

urlpatterns = [
    path("notifications", views.NotificationsView.as_view(), name="notifications"),
    path("notifications/read", views.ReadView.as_view(), name="notifications-read"),
    path("notification-preferences", views.PreferencesView.as_view(), name="notification-preferences"),
]
