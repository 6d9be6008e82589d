"""Forms that move money do so once, however often they are sent: as an `Idempotency-Key` does for the API."""

import hashlib
from collections.abc import Callable
from uuid import UUID, uuid4

from django import forms

from iqx.core import idempotency
from iqx.core.idempotency import AlreadyDone, KeyedRequest


class OnceField(forms.UUIDField):
    """A hidden field by which a form that is sent again is known."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, initial=uuid4)


def once(*, user_id: UUID, key: UUID, endpoint: str, said: str, act: Callable[[], object]) -> bool:
    """Run a use case unless it was run for this key; whether it was run now.

    Raises: IdempotencyKeyReused: the key came with something else before. IdempotencyInProgress, what `act` raises.
    """
    fingerprint = hashlib.sha256(f"{endpoint}\n{said}".encode()).hexdigest()
    request = KeyedRequest(user_id=user_id, key=f"web-{key}", endpoint=endpoint, fingerprint=fingerprint)
    try:
        with idempotency.claim(request) as claim:
            act()
            claim.refs = True
    except AlreadyDone:
        return False
    return True
