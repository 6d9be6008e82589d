"""The calls of `/wallet`."""

from uuid import UUID

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from accounts.api.step_up import SteppedUpView, otp_of
from accounts.models import Scope
from iqx.core import clock
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from wallets import selectors, services
from wallets.api import serializers
from wallets.api.csv_export import csv_response, wants_csv
from wallets.holds import holds_on
from wallets.representations import address_json, deposit_json, entry_json, own_wallet_json, withdrawal_json


class WalletView(IqxView):
    @api(response=serializers.OwnWalletSerializer)
    def get(self, request: Request) -> Response:
        """Show what is available, what is locked, and what may be withdrawn."""
        user = user_of(request)
        return Response(own_wallet_json(selectors.get_wallet(user.id), holds_on(user, clock.now())))


class EntriesView(IqxView):
    @api(response=serializers.EntrySerializer, paged=True, csv=True)
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """List every movement of the wallet, newest first."""
        user_id = user_of(request).id
        if wants_csv(request):
            rows = (entry_json(entry) for entry in selectors.statement_of(user_id))
            return csv_response(request, "wallet.csv", list(serializers.EntrySerializer().fields), rows)
        return paginate(request, selectors.entries_of(user_id), entry_json, order="-version")


class DepositsView(IqxView):
    idempotency_required = True

    @api(response=serializers.DepositSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List own deposits, newest first."""
        return paginate(request, selectors.deposits_of(user_of(request).id), deposit_json)

    @api(request=serializers.NewDepositSerializer, response=serializers.DepositSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Deposit USDT.

        The sandbox network credits at once (`confirmed`); otherwise it is `pending` until staff confirm it.
        """
        body = parsed(serializers.NewDepositSerializer, request)
        return Response(deposit_json(services.request_deposit(user=user_of(request), **body)), status=201)


class WithdrawalsView(SteppedUpView):
    key_scope = Scope.WITHDRAW
    idempotency_required = True
    dry_run_allowed = True

    @api(response=serializers.WithdrawalSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List own withdrawals, newest first."""
        return paginate(request, selectors.withdrawals_of(user_of(request).id), withdrawal_json)

    @api(request=serializers.NewWithdrawalSerializer, response=serializers.WithdrawalSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Ask for a withdrawal.

        `amount` and `fee` are locked until staff have decided, and the withdrawal is confirmed.
        """
        body = parsed(serializers.NewWithdrawalSerializer, request) | {"otp": otp_of(request)}
        return Response(withdrawal_json(services.request_withdrawal(user=user_of(request), **body)), status=201)


class WithdrawalCancelView(IqxView):
    key_scope = Scope.WITHDRAW
    dry_run_allowed = True

    @api(response=serializers.WithdrawalSerializer)
    def post(self, request: Request, withdrawal_id: UUID) -> Response:
        """Take back a withdrawal on which nobody has decided yet."""
        withdrawal = services.cancel_withdrawal(withdrawal_id=withdrawal_id, user=user_of(request))
        return Response(withdrawal_json(withdrawal))


class AddressesView(SteppedUpView):
    key_scope = Scope.WITHDRAW

    @api(response=serializers.AddressSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List the own address book, newest first."""
        return paginate(request, selectors.addresses_of(user_of(request).id), address_json)

    @api(request=serializers.NewAddressSerializer, response=serializers.AddressSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Keep an address for later withdrawals."""
        body = parsed(serializers.NewAddressSerializer, request) | {"otp": otp_of(request)}
        return Response(address_json(services.add_address(user=user_of(request), **body)), status=201)


class AddressView(IqxView):
    key_scope = Scope.WITHDRAW

    @api(status=204)
    def delete(self, request: Request, address_id: UUID) -> Response:
        """Forget an address."""
        services.delete_address(address_id=address_id, user=user_of(request))
        return Response(status=204)
