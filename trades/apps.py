from django.apps import AppConfig

_IN_ESCROW = """
SELECT seller_id AS user_id, escrow AS amount FROM trades_trade
WHERE status IN ('awaiting_payment', 'expired', 'paid', 'disputed')
"""


class TradesConfig(AppConfig):
    name = "trades"

    def ready(self) -> None:
        from trades.purchases import held_purchases
        from wallets import audit, holds

        holds.register(held_purchases)
        audit.register_claims("escrow of live trades", _IN_ESCROW)
