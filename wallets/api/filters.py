from django_filters import ChoiceFilter, FilterSet, UUIDFilter

from wallets.models import Deposit, DepositStatus, Withdrawal, WithdrawalStatus


class DepositFilters(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=DepositStatus.choices)
    user = UUIDFilter(field_name="user_id")

    class Meta:
        model = Deposit
        fields = ["status", "user"]


class WithdrawalFilters(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=WithdrawalStatus.choices)
    user = UUIDFilter(field_name="user_id")

    class Meta:
        model = Withdrawal
        fields = ["status", "user"]
