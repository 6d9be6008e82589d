from django.apps import AppConfig

_IN_ESCROW = """
SELECT seller_id AS user_id, amount + seller_fee AS amount FROM trades_trade
WHERE status IN ('awaiting_payment', 'expired', 'paid', 'disputed')
"""


class TradesConfig(AppConfig):
    name = "trades"

    def ready(self) -> None:
        from wallets import audit

        audit.register_claims("escrow of live trades", _IN_ESCROW)
