from django.urls import path

from trades.api import placing, reputation, room, views

urlpatterns = [
    path("orders", placing.OrdersView.as_view(), name="orders"),
    path("orders/batch", placing.BatchView.as_view(), name="orders-batch"),
    path("orders/<uuid:order_id>", placing.OrderDetailView.as_view(), name="order"),
    path("orders/<uuid:order_id>/take", placing.TakeView.as_view(), name="order-take"),
    path("trades", views.TradesView.as_view(), name="trades"),
    path("trades/<uuid:trade_id>", views.TradeView.as_view(), name="trade"),
    path("trades/<uuid:trade_id>/timeline", views.TimelineView.as_view(), name="trade-timeline"),
    path("trades/<uuid:trade_id>/messages", room.MessagesView.as_view(), name="trade-messages"),
    path("trades/<uuid:trade_id>/messages/read", room.ReadView.as_view(), name="trade-messages-read"),
    path("trades/<uuid:trade_id>/paid", views.PaidView.as_view(), name="trade-paid"),
    path("trades/<uuid:trade_id>/release", views.ReleaseView.as_view(), name="trade-release"),
    path("trades/<uuid:trade_id>/cancel", views.CancelView.as_view(), name="trade-cancel"),
    path("trades/<uuid:trade_id>/cancel-request", views.CancelRequestView.as_view(), name="trade-cancel-request"),
    path("trades/<uuid:trade_id>/cancel-request/accept", views.AcceptCancelView.as_view(), name="trade-cancel-accept"),
    path("trades/<uuid:trade_id>/cancel-request/reject", views.RejectCancelView.as_view(), name="trade-cancel-reject"),
    path("trades/<uuid:trade_id>/feedback", reputation.FeedbackView.as_view(), name="trade-feedback"),
    path("traders/<uuid:trader_id>", reputation.TraderView.as_view(), name="trader"),
    path("traders/<uuid:trader_id>/feedback", reputation.TraderFeedbackView.as_view(), name="trader-feedback"),
    path("trades/<uuid:trade_id>/payment-method", views.PaymentMethodView.as_view(), name="trade-payment-method"),
    path("trades/<uuid:trade_id>/payment-account", views.PaymentAccountView.as_view(), name="trade-payment-account"),
    path("transactions", views.TransactionsView.as_view(), name="transactions"),
    path("markets/<str:symbol>/orders", views.OffersView.as_view(), name="market-offers"),
    path("markets/<str:symbol>/trades", views.TapeView.as_view(), name="market-tape"),
    path("markets/<str:symbol>/ticker", views.TickerView.as_view(), name="market-ticker"),
    path("markets/<str:symbol>/candles", views.CandlesView.as_view(), name="market-candles"),
    path("events", views.EventsView.as_view(), name="events"),
]
