from django.urls import path

from disputes.views import pages

urlpatterns = [
    path("disputes", pages.DisputesPage.as_view(), name="disputes"),
    path("disputes/<uuid:dispute_id>", pages.DisputePage.as_view(), name="dispute"),
    path("disputes/<uuid:dispute_id>/withdraw", pages.WithdrawDispute.as_view(), name="dispute-withdraw"),
]
