from django.apps import AppConfig

_RESERVED = """
SELECT owner_id AS user_id, reserved AS amount FROM orders_order
WHERE status IN ('pending', 'open', 'paused') AND side = 'sell'
"""


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from wallets import audit

        audit.register_claims("live sell orders", _RESERVED)
