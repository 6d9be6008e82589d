import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import Settings

Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def _unmetered(settings: Settings) -> None:
    settings.RATE_LIMITS_ON = False
    settings.REDIS_URL = ""


@pytest.fixture
def user_id() -> UUID:
    return uuid4()


def send(user_id: UUID | None, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
    """POST JSON as a user, from any thread."""
    if user_id is not None:
        headers["Authorization"] = f"Test {user_id}"
    if key is not None:
        headers["Idempotency-Key"] = key
    data = json.dumps({} if body is None else body)
    return Client(raise_request_exception=False).post(path, data, content_type="application/json", headers=headers)


@pytest.fixture
def post(user_id: UUID) -> Post:
    """POST JSON as the test's user."""

    def as_user(path: str, body: Any = None, **kwargs: Any) -> Any:
        return send(user_id, path, body, **kwargs)

    return as_user
