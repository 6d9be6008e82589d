from django.urls import path

from disputes.api import permissions, views

urlpatterns = [
    path("trades/<uuid:trade_id>/dispute", views.TradeDisputeView.as_view(), name="trade-dispute"),
    path("trades/<uuid:trade_id>/dispute-reasons", views.DisputeReasonsView.as_view(), name="trade-dispute-reasons"),
    path("trades/<uuid:trade_id>/permissions", permissions.TradePermissionsView.as_view(), name="trade-permissions"),
    path("disputes", views.DisputesView.as_view(), name="disputes"),
    path("disputes/<uuid:dispute_id>", views.DisputeView.as_view(), name="dispute"),
    path("disputes/<uuid:dispute_id>/evidence", views.DisputeEvidenceView.as_view(), name="dispute-evidence"),
    path("disputes/<uuid:dispute_id>/withdraw", views.DisputeWithdrawalView.as_view(), name="dispute-withdraw"),
]
