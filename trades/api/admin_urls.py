from django.urls import path

from trades.api import merchants, room, staff_views, stats

urlpatterns = [
    path("stats", stats.StatsView.as_view(), name="staff-stats"),
    path("trades", staff_views.StaffTradesView.as_view(), name="staff-trades"),
    path("trades/<uuid:trade_id>", staff_views.StaffTradeView.as_view(), name="staff-trade"),
    path("trades/<uuid:trade_id>/messages", room.StaffMessagesView.as_view(), name="staff-trade-messages"),
    path("markets/<str:symbol>/reference", merchants.SetReferenceView.as_view(), name="staff-reference"),
]
