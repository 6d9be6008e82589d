"""Users and clients that speak for them. `PASSWORD` is everybody's."""

import functools
import itertools
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from rest_framework.test import APIClient

from accounts.clients import Client
from accounts.families import LoggedIn, open_session
from accounts.models import User

PASSWORD = "correct-horse-7"

_numbers = itertools.count(1)
_hashed = functools.cache(make_password)  # the hash is slow on purpose


def make_user(*, password: str = PASSWORD, **fields: Any) -> User:
    """A user, stored. Fields not given are ordinary and unique."""
    number = next(_numbers)
    fields.setdefault("email", f"user{number}@iqx.example")
    fields.setdefault("display_name", f"User {number}")
    return User.objects.create(password=_hashed(password), **fields)


def log_in(user: User) -> LoggedIn:
    """A session of the user's, without the password's slow hash."""
    with transaction.atomic():
        return open_session(user, Client(ip="127.0.0.1", network="127.0.0.1", user_agent="tests"))


def auth_client(user: User) -> APIClient:
    """A client that speaks for `user`, by an access token of a session of its own."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {log_in(user).tokens.access}")
    return client
