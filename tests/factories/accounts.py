"""Users and clients that speak for them. `PASSWORD` is everybody's."""

import functools
import itertools
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from rest_framework.test import APIClient

from accounts import totp
from accounts.clients import Client
from accounts.families import LoggedIn, open_session
from accounts.models import Totp, User
from accounts.step_up import TOTP_PURPOSE
from iqx.core import clock, crypto

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


def with_two_factor(user: User) -> str:
    """Give the user a confirmed authenticator app; returns its secret, for `code_of`."""
    secret = totp.new_secret()
    Totp.objects.create(user=user, secret=crypto.seal(secret, purpose=TOTP_PURPOSE), confirmed_at=clock.now())
    user.two_factor = True
    user.save(update_fields=["two_factor"])
    return secret


def code_of(secret: str, *, steps_ago: int = 0) -> str:
    """What the authenticator app shows now, or so many steps of 30 seconds ago."""
    return totp.code_at(secret, totp.current_step() - steps_ago)
