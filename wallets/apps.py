from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "wallets"

    def ready(self) -> None:
        from wallets import audit, withdrawal_states

        statuses = ", ".join(f"'{status.value}'" for status in withdrawal_states.LOCKING)
        audit.register_claims(
            "pending withdrawals",
            f"SELECT user_id, amount + fee AS amount FROM wallets_withdrawal WHERE status IN ({statuses})",  # noqa: S608
        )
