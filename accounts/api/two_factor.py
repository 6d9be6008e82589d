"""The calls of `/auth/2fa`."""

import segno
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api import serializers
from accounts.api.requests import client_of, parsed, user_of
from accounts.api.step_up import SteppedUpView, otp_of
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView


class SetupView(SteppedUpView):
    quota = "login"
    idempotency = "off"  # secrets are not stored for a replay

    @api(request=serializers.OptionalOtpSerializer, response=serializers.TwoFactorSecretSerializer)
    def post(self, request: Request) -> Response:
        """Make a secret for an authenticator app; a code of it confirms that it arrived there.

        Who has a passkey proves it by `otp`.
        """
        parsed(serializers.OptionalOtpSerializer, request)
        made = services.set_up_two_factor(user_id=user_of(request).pk, otp=otp_of(request))
        picture = segno.make(made.uri).svg_inline(scale=4, light="white")
        return Response({"secret": made.secret, "otpauth_uri": made.uri, "qr_svg": picture})


class ConfirmView(IqxView):
    quota = "login"
    idempotency = "off"

    @api(request=serializers.OtpSerializer, response=serializers.RecoveryCodesSerializer)
    def post(self, request: Request) -> Response:
        """Switch the second factor on; the answer has the recovery codes, each good once, and shown this once."""
        codes = services.confirm_two_factor(user_id=user_of(request).pk, **parsed(serializers.OtpSerializer, request))
        return Response({"recovery_codes": codes})


class RecoveryCodesView(SteppedUpView):
    quota = "login"
    idempotency = "off"

    @api(request=serializers.OtpSerializer, response=serializers.RecoveryCodesSerializer)
    def post(self, request: Request) -> Response:
        """Make new recovery codes in place of the old."""
        parsed(serializers.OtpSerializer, request)
        return Response(
            {"recovery_codes": services.renew_recovery_codes(user_id=user_of(request).pk, otp=otp_of(request))}
        )


class DisableView(SteppedUpView):
    quota = "login"
    idempotency = "off"  # a wrong guess must stay counted, and a record's transaction would undo that

    @api(request=serializers.TwoFactorOffSerializer, status=204)
    def post(self, request: Request) -> Response:
        """Switch the second factor off, by the password and a code."""
        password = parsed(serializers.TwoFactorOffSerializer, request)["password"]
        services.disable_two_factor(
            user=user_of(request), password=password, otp=otp_of(request), client=client_of(request)
        )
        return Response(status=204)
