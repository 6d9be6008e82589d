from django.urls import path

from orders.api import views

urlpatterns = [
    path("markets", views.MarketsView.as_view(), name="markets"),
    path("markets/<str:symbol>", views.MarketView.as_view(), name="market"),
    path("markets/<str:symbol>/book", views.BookView.as_view(), name="market-book"),
    path("markets/<str:symbol>/events", views.MarketEventsView.as_view(), name="market-events"),
    path("orders/cancel-all", views.CancelAllView.as_view(), name="orders-cancel-all"),
    path("orders/cancel-after", views.CancelAfterView.as_view(), name="orders-cancel-after"),
    path("orders/<uuid:order_id>/cancel", views.OrderCancelView.as_view(), name="order-cancel"),
]
