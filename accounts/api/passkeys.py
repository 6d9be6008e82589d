"""The calls of `/auth/passkeys`: two steps for each ceremony, options and the authenticator's answer to them."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.requests import client_of, parsed, user_of
from accounts.api.serializers import Body, LoggedInSerializer, OptionalOtpSerializer, PasswordField
from accounts.api.step_up import SteppedUpView, otp_of
from accounts.api.views import StrangersView, logged_in_json
from accounts.representations import passkey_json
from accounts.selectors import passkeys_of
from accounts.services.passkeys import Ceremony
from iqx.core import clock
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView


class CeremonySerializer(Body):
    challenge = serializers.UUIDField(help_text="To be sent back with the answer, within five minutes and once.")
    options = serializers.DictField(help_text="The `publicKey` of the browser's API, in its JSON form.")


class BeginPasskeySerializer(OptionalOtpSerializer):
    password = PasswordField(required=False, help_text="Needed by those who have no second factor yet.")


class AnswerSerializer(Body):
    challenge = serializers.UUIDField()
    credential = serializers.DictField(help_text="What the browser's API returned, by its `toJSON()`.")


class NewPasskeySerializer(AnswerSerializer):
    name = serializers.CharField(max_length=60)


class PasskeySerializer(Body):
    id = serializers.UUIDField()
    name = serializers.CharField()
    backed_up = serializers.BooleanField(help_text="Its owner has it on several devices.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class AddedPasskeySerializer(PasskeySerializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="With the first second factor; shown this once."
    )


class CodeSerializer(Body):
    otp = serializers.CharField(help_text="Serves wherever a code of the second factor is asked for, once.")
    expires_at = serializers.DateTimeField()


def _ceremony(begun: Ceremony) -> Response:
    return Response({"challenge": str(begun.id), "options": begun.options})


class PasskeysView(IqxView):
    idempotency = "off"  # recovery codes are not stored for a replay, and a challenge serves once anyway

    @api(response=PasskeySerializer, paged=True)
    def get(self, request: Request) -> Response:
        """One's passkeys, the newest first."""
        return paginate(request, passkeys_of(user_of(request).pk), passkey_json)

    @api(request=NewPasskeySerializer, response=AddedPasskeySerializer, status=201)
    def post(self, request: Request) -> Response:
        """Add the passkey that an authenticator made for the options; the first one switches the second factor on."""
        added = services.add_passkey(user_id=user_of(request).pk, **parsed(NewPasskeySerializer, request))
        return Response(passkey_json(added.key) | {"recovery_codes": added.recovery_codes}, status=201)


class PasskeyOptionsView(SteppedUpView):
    quota = "login"
    idempotency = "off"

    @api(request=BeginPasskeySerializer, response=CeremonySerializer)
    def post(self, request: Request) -> Response:
        """Begin to add a passkey: what to call `navigator.credentials.create` with.

        Who has a second factor already proves it by `otp`, who has none yet gives his `password`.
        """
        password = parsed(BeginPasskeySerializer, request).get("password", "")
        begun = services.begin_adding_passkey(
            user=user_of(request), password=password, otp=otp_of(request), client=client_of(request)
        )
        return _ceremony(begun)


class PasskeyView(SteppedUpView):
    @api(status=204)
    def delete(self, request: Request, passkey_id: UUID) -> Response:
        """Remove a passkey, by a code of the second factor in the header X-OTP; with the last one it is off."""
        services.remove_passkey(user_id=user_of(request).pk, passkey_id=passkey_id, otp=otp_of(request))
        return Response(status=204)


class StepUpOptionsView(IqxView):
    idempotency = "off"

    @api(response=CeremonySerializer)
    def post(self, request: Request) -> Response:
        """Begin to prove the second factor by a passkey: what to call `navigator.credentials.get` with."""
        return _ceremony(services.begin_step_up(user=user_of(request)))


class StepUpView(IqxView):
    quota = "login"
    idempotency = "off"

    @api(request=AnswerSerializer, response=CodeSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a passkey's signature for a code that serves as `otp`, once, within five minutes."""
        code = services.step_up(user_id=user_of(request).pk, **parsed(AnswerSerializer, request))
        return Response({"otp": code.otp, "expires_at": clock.rfc3339(code.expires_at)})


class PasskeyLoginOptionsView(StrangersView):
    quota = "login"
    idempotency = "off"

    @api(response=CeremonySerializer)
    def post(self, request: Request) -> Response:
        """Begin to log in by a passkey, without e-mail and password."""
        return _ceremony(services.begin_log_in())


class PasskeyLoginView(StrangersView):
    quota = "login"
    idempotency = "off"

    @api(request=AnswerSerializer, response=LoggedInSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a passkey's signature for tokens; it is both factors."""
        answer = parsed(AnswerSerializer, request)
        return Response(logged_in_json(services.log_in_by_passkey(**answer, client=client_of(request))))
