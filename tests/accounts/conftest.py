import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from iqx.core import clock
from tests.factories.accounts import make_user

RunJobs = Callable[[], int]


@pytest.fixture(autouse=True)
def quick_and_unlimited(settings: Settings) -> None:
    """Rate limits have their own tests, and so has the price of a hash."""
    settings.RATE_LIMITS_ON = False
    settings.PASSWORD_HASHERS = ["tests.factories.hashers.CheapArgon2"]


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def user(db: None) -> User:
    return make_user()


class Travel:
    """The platform's clock, stopped: it moves when it is told to, however slow the machine is."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def forward(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    stopped = Travel(clock.now())
    monkeypatch.setattr(clock, "now", lambda: stopped.now)
    return stopped


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The ids of the sessions whose end was rung."""
    rung: list[Any] = []
    monkeypatch.setattr("iqx.core.bell.ring_ended", rung.extend)
    return rung


@pytest.fixture
def run_jobs() -> RunJobs:
    """Does the jobs that are queued, as the worker would; how many there were."""

    def run() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
            jobs = cursor.fetchall()
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'")
        for name, arguments in jobs:
            app.tasks[name](**json.loads(arguments))
        return len(jobs)

    return run
