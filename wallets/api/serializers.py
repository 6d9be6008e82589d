"""What the calls of `/wallet` take, and what they answer with (as the OpenAPI document declares it)."""

from typing import Any

from rest_framework import serializers

from accounts.api.flags import FlagSerializer
from accounts.api.serializers import OtpField
from iqx.core.api.fields import AmountField
from wallets.gateways import SANDBOX
from wallets.models import DepositStatus, TransferKind, WithdrawalStatus

Body = serializers.Serializer[Any]


class NewDepositSerializer(Body):
    amount = AmountField()


class NewWithdrawalSerializer(Body):
    amount = AmountField(help_text="What arrives; the fee comes on top.")
    address = serializers.CharField(max_length=80, help_text="On the sandbox network: 0x and 40 hexadecimal digits.")
    network = serializers.CharField(max_length=20, default=SANDBOX)
    otp = OtpField()


class NewAddressSerializer(Body):
    name = serializers.CharField(max_length=60)
    address = serializers.CharField(max_length=80)
    network = serializers.CharField(max_length=20, default=SANDBOX)
    otp = OtpField()


class WalletSerializer(Body):
    currency = serializers.CharField()
    available = AmountField()
    locked = AmountField()
    total = AmountField()


class HoldSerializer(Body):
    rule = serializers.CharField()
    amount = AmountField()
    until = serializers.DateTimeField()
    because = serializers.CharField()


class OwnWalletSerializer(WalletSerializer):
    withdrawable = AmountField(help_text="What of `available` may leave now, fee included.")
    holds = HoldSerializer(many=True)


class EntrySerializer(Body):
    id = serializers.UUIDField(help_text="Of the transfer.")
    version = serializers.IntegerField(help_text="The how-manieth entry of the wallet it is.")
    kind = serializers.ChoiceField(TransferKind.choices)
    ref_kind = serializers.CharField(help_text="What caused it: order, trade, deposit, ...")
    ref = serializers.UUIDField(help_text="The id of what caused it.")
    available_delta = serializers.CharField()
    locked_delta = serializers.CharField()
    available_after = AmountField()
    locked_after = AmountField()
    memo = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class DepositSerializer(Body):
    id = serializers.UUIDField()
    amount = AmountField()
    status = serializers.ChoiceField(DepositStatus.choices)
    network = serializers.CharField()
    tx_hash = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="By when it goes on; null once it is done.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class WithdrawalSerializer(Body):
    id = serializers.UUIDField()
    amount = AmountField()
    fee = AmountField()
    address = serializers.CharField()
    network = serializers.CharField()
    status = serializers.ChoiceField(WithdrawalStatus.choices)
    tx_hash = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="By when it goes on; null once it is done.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class AddressSerializer(Body):
    id = serializers.UUIDField()
    name = serializers.CharField()
    address = serializers.CharField()
    network = serializers.CharField()
    created_at = serializers.DateTimeField()


class StaffDepositSerializer(DepositSerializer):
    user = serializers.UUIDField()


class StaffWithdrawalSerializer(WithdrawalSerializer):
    user = serializers.UUIDField()
    flags = FlagSerializer(many=True, help_text="Open ones about its owner.")


class RejectionSerializer(Body):
    reason = serializers.CharField(max_length=200, help_text="The user reads it.")
