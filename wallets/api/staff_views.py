"""The calls about deposits and withdrawals, for staff: support looks, an admin decides."""

from collections.abc import Sequence
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import ExplainedSerializer
from accounts.api.staff_money import MoneyView
from accounts.trust.flags import open_flags_about
from accounts.trust.representations import flag_json
from iqx.core.api.filters import filtered, parameters_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from wallets import services
from wallets.api import serializers
from wallets.api.filters import DepositFilters, WithdrawalFilters
from wallets.models import Deposit, Withdrawal
from wallets.representations import deposit_json, withdrawal_json

_DEPOSIT_FILTERS: list[OpenApiParameter] = parameters_of(DepositFilters)
_WITHDRAWAL_FILTERS: list[OpenApiParameter] = parameters_of(WithdrawalFilters)


def _staff_deposit_json(deposit: Deposit) -> dict[str, object]:
    return deposit_json(deposit) | {"user": str(deposit.user_id)}


class _WithFlags:
    """Shows withdrawals with what is open against their owners: whoever decides sees why he might not want to."""

    def __init__(self, *withdrawals: Withdrawal) -> None:
        self.prepare(withdrawals)

    def prepare(self, withdrawals: Sequence[Withdrawal]) -> None:
        self._flags = open_flags_about({withdrawal.user_id for withdrawal in withdrawals})

    def __call__(self, withdrawal: Withdrawal) -> dict[str, object]:
        about = [flag_json(flag) for flag in self._flags.get(withdrawal.user_id, [])]
        return withdrawal_json(withdrawal) | {"user": str(withdrawal.user_id), "flags": about}


class StaffDepositsView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=serializers.StaffDepositSerializer, paged=True, parameters=_DEPOSIT_FILTERS)
    def get(self, request: Request) -> Response:
        """List all deposits, newest first."""
        return paginate(request, filtered(DepositFilters, request, Deposit.objects.all()), _staff_deposit_json)


class DepositConfirmationView(MoneyView):
    @api(request=ExplainedSerializer, response=serializers.StaffDepositSerializer)
    def post(self, request: Request, deposit_id: UUID) -> Response:
        """Credit a deposit that arrived."""
        body = parsed(ExplainedSerializer, request)
        deposit = services.confirm_deposit(deposit_id=deposit_id, actor=user_of(request), **body)
        return Response(_staff_deposit_json(deposit))


class DepositRejectionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=serializers.RejectionSerializer, response=serializers.StaffDepositSerializer)
    def post(self, request: Request, deposit_id: UUID) -> Response:
        """Refuse a deposit, for a reason that the user reads."""
        body = parsed(serializers.RejectionSerializer, request)
        return Response(
            _staff_deposit_json(services.reject_deposit(deposit_id=deposit_id, actor=user_of(request), **body))
        )


class StaffWithdrawalsView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=serializers.StaffWithdrawalSerializer, paged=True, parameters=_WITHDRAWAL_FILTERS)
    def get(self, request: Request) -> Response:
        """List all withdrawals, newest first, with the flags that are open against their owners."""
        rows, shown = filtered(WithdrawalFilters, request, Withdrawal.objects.all()), _WithFlags()
        return paginate(request, rows, shown, prepare=shown.prepare)


class WithdrawalApprovalView(MoneyView):
    @api(request=ExplainedSerializer, response=serializers.StaffWithdrawalSerializer)
    def post(self, request: Request, withdrawal_id: UUID) -> Response:
        """Send a withdrawal; the sandbox network confirms it at once."""
        body = parsed(ExplainedSerializer, request)
        withdrawal = services.approve_withdrawal(withdrawal_id=withdrawal_id, actor=user_of(request), **body)
        return Response(_WithFlags(withdrawal)(withdrawal))


class WithdrawalRejectionView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=serializers.RejectionSerializer, response=serializers.StaffWithdrawalSerializer)
    def post(self, request: Request, withdrawal_id: UUID) -> Response:
        """Refuse a withdrawal, for a reason that the user reads; the funds are available again."""
        body = parsed(serializers.RejectionSerializer, request)
        withdrawal = services.reject_withdrawal(withdrawal_id=withdrawal_id, actor=user_of(request), **body)
        return Response(_WithFlags(withdrawal)(withdrawal))
