"""An event that may have to be told, and the ids of what it becomes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from iqx.notices.models import Delivery

USER: Final = "user:"  # how the names of users' streams begin
_IDS: Final = UUID("5f1c3a0e-6c1d-4a53-9a43-0d2f3d0f6f11")  # the name space of our ids


def user_of(stream: str) -> UUID:
    return UUID(stream.removeprefix(USER))


@dataclass(frozen=True, slots=True)
class News:
    """An event of a user's stream. All ids follow from it, so that what is written again is seen to be the same."""

    stream: str
    seq: int
    type: str
    data: dict[str, Any]
    at: datetime

    @property
    def user_id(self) -> UUID:
        return user_of(self.stream)

    @property
    def id(self) -> UUID:
        """The id of its notice."""
        return uuid5(_IDS, f"{self.stream}#{self.seq}")

    def delivery(self, route: str, due_at: datetime, **to: Any) -> Delivery:  # noqa: ANN401 keys of the delivery
        """Its delivery by `route`, to the address that `to` names."""
        address = to.get("webhook_id") or to.get("subscription_id") or ""
        return Delivery(
            id=uuid5(_IDS, f"{self.stream}#{self.seq}/{route}/{address}"),
            user_id=self.user_id,
            seq=self.seq,
            event=self.type,
            route=route,
            due_at=due_at,
            created_at=self.at,
            **to,
        )
