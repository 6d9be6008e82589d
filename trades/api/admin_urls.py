from django.urls import path

from trades.api import room

urlpatterns = [path("trades/<uuid:trade_id>/messages", room.StaffMessagesView.as_view(), name="staff-trade-messages")]
