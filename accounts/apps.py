from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import approvals, duties
        from accounts.models import Approval, Flag, KycSubmission, Role
        from accounts.services import second_person
        from iqx.core.locking import LockRank

        duties.register(duties.Duty("kyc", KycSubmission.objects.all(), LockRank.ACCOUNT))
        duties.register(duties.Duty("flag", Flag.objects.all(), LockRank.ACCOUNT))
        duties.register(duties.Duty("approval", Approval.objects.all(), LockRank.ACCOUNT, (Role.ADMIN,)))
        approvals.register(Approval.Kind.ROLE_CHANGE, second_person.change_role)
        approvals.register(Approval.Kind.TWO_FACTOR_RESET, second_person.reset_two_factor)
