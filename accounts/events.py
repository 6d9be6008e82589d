from accounts.models import User
from accounts.representations import user_json
from iqx.core.clock import rfc3339_or_none
from iqx.core.events import NewEvent, user_stream


def kyc_updated(user: User) -> NewEvent:
    return NewEvent(user_stream(user.pk), "kyc_updated", user_json(user))


def trading_paused(user: User, because: str) -> NewEvent:
    until = rfc3339_or_none(user.trading_paused_until)
    return NewEvent(user_stream(user.pk), "trading_paused", {"until": until, "because": because})
