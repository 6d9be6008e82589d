from django.urls import path

from wallets.api import adjustments
from wallets.api import staff_views as views

urlpatterns = [
    path("adjustments", adjustments.AdjustmentsView.as_view(), name="staff-adjustments"),
    path(
        "adjustments/<uuid:adjustment_id>/approve",
        adjustments.AdjustmentApprovalView.as_view(),
        name="staff-adjustment-approve",
    ),
    path(
        "adjustments/<uuid:adjustment_id>/reject",
        adjustments.AdjustmentRejectionView.as_view(),
        name="staff-adjustment-reject",
    ),
    path("deposits", views.StaffDepositsView.as_view(), name="staff-deposits"),
    path("deposits/<uuid:deposit_id>/confirm", views.DepositConfirmationView.as_view(), name="staff-deposit-confirm"),
    path("deposits/<uuid:deposit_id>/reject", views.DepositRejectionView.as_view(), name="staff-deposit-reject"),
    path("withdrawals", views.StaffWithdrawalsView.as_view(), name="staff-withdrawals"),
    path(
        "withdrawals/<uuid:withdrawal_id>/approve",
        views.WithdrawalApprovalView.as_view(),
        name="staff-withdrawal-approve",
    ),
    path(
        "withdrawals/<uuid:withdrawal_id>/reject",
        views.WithdrawalRejectionView.as_view(),
        name="staff-withdrawal-reject",
    ),
]
