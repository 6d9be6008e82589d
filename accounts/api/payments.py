"""Payment methods, which everybody may read, and payment accounts, which are their owner's alone."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api import serializers
from accounts.api.requests import parsed, user_of
from accounts.api.step_up import SteppedUpView, otp_of
from accounts.api.views import StrangersView
from accounts.models import PaymentMethod
from accounts.representations import payment_account_json, payment_method_json
from accounts.selectors import get_payment_account, payment_accounts_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api


class PaymentMethodsView(StrangersView):
    @api(response=serializers.PaymentMethodSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the ways to pay that orders and markets name, and what an account of each consists of."""
        return Response([payment_method_json(method) for method in PaymentMethod.objects.all()])


class OwnPaymentAccounts(SteppedUpView):
    """The owner's answers show his details, so none is kept for repeats: each is made anew from the account's id."""

    idempotency: ClassVar = "two_step"
    keeps_answers = False


class PaymentAccountsView(OwnPaymentAccounts):
    @api(response=serializers.PaymentAccountSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List own payment accounts, the latest change first."""
        return paginate(request, payment_accounts_of(user_of(request).pk), payment_account_json)

    @api(request=serializers.NewPaymentAccountSerializer, response=serializers.PaymentAccountSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Add an account to be paid to; `GET /api/v1/payment-methods` says which details each method needs."""
        body = parsed(serializers.NewPaymentAccountSerializer, request) | {"otp": otp_of(request)}
        with self.claim() as claim:
            account = services.add_payment_account(user_id=user_of(request).pk, **body)
            claim.refs = str(account.account)
        return Response(payment_account_json(account), status=201)

    def recover(self, refs: Any) -> Response:  # noqa: ANN401
        account = get_payment_account(account_id=UUID(refs), user_id=user_of(self.request).pk)
        return Response(payment_account_json(account), status=201)


class PaymentAccountView(OwnPaymentAccounts):
    @api(response=serializers.PaymentAccountSerializer)
    def get(self, request: Request, account_id: UUID) -> Response:
        """Show one of one's payment accounts."""
        account = get_payment_account(account_id=account_id, user_id=user_of(request).pk)
        return Response(payment_account_json(account))

    @api(request=serializers.PaymentAccountChangeSerializer, response=serializers.PaymentAccountSerializer)
    def patch(self, request: Request, account_id: UUID) -> Response:
        """Change label or details, or make it the method's default; trades under way keep what they began with."""
        body = parsed(serializers.PaymentAccountChangeSerializer, request) | {"otp": otp_of(request)}
        account = services.change_payment_account(user_id=user_of(request).pk, account_id=account_id, **body)
        return Response(payment_account_json(account))

    @api(status=204)
    def delete(self, request: Request, account_id: UUID) -> Response:
        """Forget a payment account; trades under way keep it."""
        services.delete_payment_account(user_id=user_of(request).pk, account_id=account_id, otp=otp_of(request))
        return Response(status=204)
