"""What the calls of `/auth` take, and what they answer with (as the OpenAPI document declares it)."""

from ipaddress import ip_network
from typing import Any

from rest_framework import serializers

from accounts.models import KycStatus, RiskClass, Role, Scope
from accounts.payments.fields import LONGEST
from accounts.validators import clean_display_name, clean_email
from iqx.core.api.fields import AmountField

Body = serializers.Serializer[Any]


class ExplainedSerializer(Body):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="Why; it is kept in the audit trail."
    )


class EmailField(serializers.EmailField):
    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 whatever DRF's fields take
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: str) -> str:
        return clean_email(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    """A password is taken as it is, white space included. What a new one must be like, the use case knows."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 whatever DRF's fields take
        super().__init__(max_length=128, trim_whitespace=False, write_only=True, **kwargs)


class OtpField(serializers.CharField):
    """A code of the second factor; needed by those who have one."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 whatever DRF's fields take
        super().__init__(**{"max_length": 64, "required": False, "write_only": True} | kwargs)


class DisplayNameField(serializers.CharField):
    def to_internal_value(self, data: str) -> str:
        return clean_display_name(super().to_internal_value(data))


class RegisterSerializer(Body):
    email = EmailField()
    password = PasswordField(min_length=8)
    display_name = DisplayNameField(required=False, max_length=40)


class LoginSerializer(Body):
    email = serializers.CharField(max_length=254)
    password = PasswordField()
    otp = OtpField()


class RefreshSerializer(Body):
    refresh = serializers.CharField(max_length=200)


class ProfileSerializer(Body):
    display_name = DisplayNameField(max_length=40)


class PasswordChangeSerializer(Body):
    current_password = PasswordField()
    new_password = PasswordField(min_length=8)
    otp = OtpField()


class EmailSerializer(Body):
    email = EmailField()


class TokenSerializer(Body):
    token = serializers.CharField(max_length=200)


class PasswordResetSerializer(TokenSerializer):
    password = PasswordField(min_length=8)
    otp = OtpField()


class OptionalOtpSerializer(Body):
    otp = OtpField()


class OtpSerializer(Body):
    otp = OtpField(required=True)


class TwoFactorOffSerializer(Body):
    password = PasswordField()
    otp = OtpField()


class TwoFactorSecretSerializer(Body):
    secret = serializers.CharField(help_text="In base 32, to be typed.")
    otpauth_uri = serializers.CharField()
    qr_svg = serializers.CharField(help_text="The URI as a QR code: an SVG image.")


class RecoveryCodesSerializer(Body):
    recovery_codes = serializers.ListField(child=serializers.CharField(), help_text="Shown this once.")


class NetworkField(serializers.CharField):
    """An IP address, or a network in CIDR form, as it is kept: without bits of hosts in it."""

    def to_internal_value(self, data: str) -> str:
        try:
            return str(ip_network(super().to_internal_value(data), strict=False))
        except ValueError as error:
            raise serializers.ValidationError("An address, or a network such as 192.0.2.0/24, is required.") from error


class NewApiKeySerializer(Body):
    name = serializers.CharField(max_length=60)
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices), min_length=1, max_length=10)
    allowed_ips = serializers.ListField(
        child=NetworkField(max_length=50), required=False, max_length=50, help_text="In CIDR form; none: from anywhere."
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="None: it does not expire.")
    otp = OtpField()


class ApiKeySerializer(Body):
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key begins.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    allowed_ips = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")


class CreatedApiKeySerializer(ApiKeySerializer):
    key = serializers.CharField(help_text="Shown this once.")


class LimitsSerializer(Body):
    """USDT a day."""

    deposit = serializers.CharField()
    trade = serializers.CharField()
    withdrawal = serializers.CharField()


class UserSerializer(Body):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    display_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    kyc_status = serializers.ChoiceField(choices=KycStatus.choices)
    kyc_level = serializers.IntegerField()
    email_verified = serializers.BooleanField()
    two_factor = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    trading_paused_until = serializers.DateTimeField(allow_null=True)
    limits = LimitsSerializer()


class UsedLimitsSerializer(LimitsSerializer):
    used = LimitsSerializer(help_text="Deposits and withdrawals of the last 24 hours, orders of the UTC day.")


class MeSerializer(UserSerializer):
    limits = UsedLimitsSerializer()


class PublicUserSerializer(Body):
    id = serializers.UUIDField()
    display_name = serializers.CharField()


class TokensSerializer(Body):
    access = serializers.CharField()
    refresh = serializers.CharField()


class LoggedInSerializer(TokensSerializer):
    user = UserSerializer()


class UserOnlySerializer(Body):
    user = UserSerializer()


class DetailSerializer(Body):
    detail = serializers.CharField()


class SessionSerializer(Body):
    id = serializers.UUIDField()
    current = serializers.BooleanField()
    ip = serializers.IPAddressField(allow_null=True)
    user_agent = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()


class FieldSerializer(Body):
    """One field of a payment account."""

    name = serializers.CharField(help_text="The key in an account's `details`.")
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields out of the class
    kind = serializers.CharField(help_text="What it holds, and how it is checked.")
    required = serializers.BooleanField()  # type: ignore[assignment]  # as above


class PaymentMethodSerializer(Body):
    code = serializers.CharField()
    name = serializers.CharField()
    currencies = serializers.ListField(child=serializers.CharField(), help_text="Empty: any.")
    instant = serializers.BooleanField()
    window = serializers.IntegerField(allow_null=True, help_text="Seconds to pay; null: as the market says.")
    risk = serializers.ChoiceField(choices=RiskClass.choices)
    max_amount = AmountField(allow_null=True, help_text="Of an order that names it; null: the market's.")
    fields = FieldSerializer(many=True)  # type: ignore[assignment]  # as above


class DetailsField(serializers.DictField):
    """What the fields of the method hold, by name; the use case checks them."""

    child = serializers.CharField(allow_blank=True, max_length=LONGEST)


class PaymentAccountChangeSerializer(Body):
    label = serializers.CharField(  # type: ignore[assignment]  # as above
        max_length=60, allow_blank=True, required=False
    )
    details = DetailsField(required=False)
    otp = OtpField()
    is_default = serializers.BooleanField(required=False, help_text="True: of the method's accounts it is the default.")


class NewPaymentAccountSerializer(PaymentAccountChangeSerializer):
    method = serializers.CharField(max_length=40)
    details = DetailsField()


class PaymentAccountSerializer(Body):
    id = serializers.UUIDField()
    method = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # as above
    details = DetailsField()
    is_default = serializers.BooleanField()
    name_matches = serializers.BooleanField(
        allow_null=True, help_text="Whether the holder is the verified name; null: nothing to compare."
    )
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    deleted = serializers.BooleanField()
