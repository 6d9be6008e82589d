from django.urls import path

from orders.api import staff_views as views

urlpatterns = [
    path("orders", views.StaffOrdersView.as_view(), name="staff-orders"),
    path("orders/<uuid:order_id>", views.StaffOrderView.as_view(), name="staff-order"),
    path("orders/<uuid:order_id>/cancel", views.StaffCancelView.as_view(), name="staff-order-cancel"),
    path("markets/<str:symbol>", views.StaffMarketView.as_view(), name="staff-market"),
    path("markets/<str:symbol>/halt", views.HaltView.as_view(), name="staff-market-halt"),
    path("markets/<str:symbol>/resume", views.ResumptionView.as_view(), name="staff-market-resume"),
]
