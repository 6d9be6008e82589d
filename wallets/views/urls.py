from django.urls import path

from wallets.views import addresses, deposits, wallet, withdrawals

urlpatterns = [
    path("wallet", wallet.WalletPage.as_view(), name="wallet"),
    path("wallet/statement", wallet.StatementPage.as_view(), name="statement"),
    path("wallet/statement.csv", wallet.StatementFile.as_view(), name="statement-csv"),
    path("wallet/deposit", deposits.DepositPage.as_view(), name="deposit"),
    path("wallet/withdraw", withdrawals.WithdrawPage.as_view(), name="withdraw"),
    path(
        "wallet/withdrawals/<uuid:withdrawal_id>/cancel",
        withdrawals.CancelWithdrawal.as_view(),
        name="withdrawal-cancel",
    ),
    path("wallet/addresses", addresses.AddressesPage.as_view(), name="addresses"),
    path("wallet/addresses/<uuid:address_id>/delete", addresses.DeleteAddress.as_view(), name="address-delete"),
]
