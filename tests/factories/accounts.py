"""Users and clients that speak for them. `PASSWORD` is everybody's."""

import itertools
from typing import Any

from accounts.models import User

PASSWORD = "correct-horse-7"

_numbers = itertools.count(1)


def make_user(*, password: str = PASSWORD, **fields: Any) -> User:
    """A user, stored. Fields not given are ordinary and unique."""
    number = next(_numbers)
    fields.setdefault("email", f"user{number}@iqx.example")
    fields.setdefault("display_name", f"User {number}")
    user = User(**fields)
    user.set_password(password)
    user.save()
    return user
