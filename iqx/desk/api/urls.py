from django.urls import path

from iqx.desk.api.views import AnnouncementsView

urlpatterns = [path("announcements", AnnouncementsView.as_view(), name="announcements")]
