"""The yardstick: a consumer as the tutorial of Channels has it. One group per market, one message per event."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from typing import Any  # noqa: E402

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402


def group_of(market: str) -> str:
    return f"market.{market}"


class MarketConsumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        self.market = ""
        await self.accept("iqx.v1")

    async def receive_json(self, content: dict[str, Any], **_kwargs: object) -> None:
        self.market = content["market"]
        await self.channel_layer.group_add(group_of(self.market), self.channel_name)
        await self.send_json({"op": "subscribed", "market": self.market, "seq": 0})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(group_of(self.market), self.channel_name)

    async def market_event(self, message: dict[str, Any]) -> None:
        await self.send_json(message["event"])


application = ProtocolTypeRouter({"websocket": MarketConsumer.as_asgi()})
