from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "wallets"

    def ready(self) -> None:
        from accounts import approvals
        from accounts.duties import Duty, register
        from accounts.models import Approval, Role
        from iqx.core.locking import LockRank
        from wallets import audit, withdrawal_states
        from wallets.models import Deposit, Withdrawal
        from wallets.services import adjustments
        from wallets.services.withdrawals import send_approved

        for model in (Deposit, Withdrawal):
            register(Duty(model.__name__.lower(), model.objects.all(), LockRank.MONEY_REQUEST, (Role.ADMIN,)))

        approvals.register(Approval.Kind.WITHDRAWAL, send_approved)
        approvals.register(Approval.Kind.ADJUSTMENT, adjustments.make_approved, adjustments.let_go)

        statuses = ", ".join(f"'{status.value}'" for status in withdrawal_states.LOCKING)
        audit.register_claims(
            "pending withdrawals",
            f"SELECT user_id, amount + fee AS amount FROM wallets_withdrawal WHERE status IN ({statuses})",  # noqa: S608
        )
