from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import duties
        from accounts.models import Flag, KycSubmission
        from iqx.core.locking import LockRank

        duties.register(duties.Duty("kyc", KycSubmission.objects.all(), LockRank.ACCOUNT))
        duties.register(duties.Duty("flag", Flag.objects.all(), LockRank.ACCOUNT))
