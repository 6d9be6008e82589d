from accounts.models import User
from accounts.representations import user_json
from iqx.core.events import NewEvent, user_stream


def kyc_updated(user: User) -> NewEvent:
    return NewEvent(user_stream(user.pk), "kyc_updated", user_json(user))
