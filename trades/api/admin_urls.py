from django.urls import path

from trades.api import merchants, room

urlpatterns = [
    path("trades/<uuid:trade_id>/messages", room.StaffMessagesView.as_view(), name="staff-trade-messages"),
    path("markets/<str:symbol>/reference", merchants.SetReferenceView.as_view(), name="staff-reference"),
]
