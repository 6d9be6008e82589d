from django.urls import path

from wallets.api import views

urlpatterns = [
    path("wallet", views.WalletView.as_view(), name="wallet"),
    path("wallet/entries", views.EntriesView.as_view(), name="wallet-entries"),
    path("wallet/deposits", views.DepositsView.as_view(), name="wallet-deposits"),
    path("wallet/withdrawals", views.WithdrawalsView.as_view(), name="wallet-withdrawals"),
    path(
        "wallet/withdrawals/<uuid:withdrawal_id>/cancel",
        views.WithdrawalCancelView.as_view(),
        name="wallet-withdrawal-cancel",
    ),
    path("wallet/addresses", views.AddressesView.as_view(), name="wallet-addresses"),
    path("wallet/addresses/<uuid:address_id>", views.AddressView.as_view(), name="wallet-address"),
]
