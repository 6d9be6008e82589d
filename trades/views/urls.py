from django.urls import path

from trades.views import help, markets, mine, placing, receipts, room, traders

urlpatterns = [
    path("", markets.HomePage.as_view(), name="home"),
    path("find", markets.FindPage.as_view(), name="find"),
    path("markets/<str:symbol>", markets.MarketPage.as_view(), name="market"),
    path("markets/<str:symbol>/order", placing.PlacePage.as_view(), name="place"),
    path("offers/<uuid:offer_id>", placing.OfferPage.as_view(), name="offer"),
    path("orders", mine.OrdersPage.as_view(), name="orders"),
    path("orders/<uuid:order_id>/cancel", placing.CancelOrderAction.as_view(), name="order-cancel"),
    path("trades", mine.TradesPage.as_view(), name="trades"),
    path("trades/<uuid:trade_id>", room.TradePage.as_view(), name="trade"),
    path("trades/<uuid:trade_id>/release", room.ReleasePage.as_view(), name="trade-release"),
    path("trades/<uuid:trade_id>/dispute", room.DisputePage.as_view(), name="trade-dispute"),
    path("trades/<uuid:trade_id>/messages", room.MessagePage.as_view(), name="trade-message"),
    path("trades/<uuid:trade_id>/feedback", room.FeedbackPage.as_view(), name="trade-feedback"),
    path("trades/<uuid:trade_id>/<slug:step>", room.StepAction.as_view(), name="trade-step"),
    path("receipts", receipts.ReceiptsPage.as_view(), name="receipts"),
    path("receipts.csv", receipts.ReceiptsFile.as_view(), name="receipts-csv"),
    path("receipts/<uuid:receipt_id>", receipts.ReceiptPage.as_view(), name="receipt"),
    path("traders/<uuid:trader_id>", traders.TraderPage.as_view(), name="trader"),
    path("traders/<uuid:trader_id>/<slug:wish>", traders.RelateAction.as_view(), name="relate"),
    path("people", traders.PeoplePage.as_view(), name="people"),
    path("help", help.HelpPage.as_view(), name="help"),
    path("help/escrow", help.EscrowPage.as_view(), name="help-escrow"),
    path("help/scams", help.ScamsPage.as_view(), name="help-scams"),
    path("help/fees", help.FeesPage.as_view(), name="help-fees"),
]
