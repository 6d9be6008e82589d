import os
import subprocess
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE
from uuid import UUID, uuid4

import pytest
import redis
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django import Settings

from iqx.core import quota
from iqx.core.api.clients import client_address, client_network
from iqx.core.models import QuotaCounter
from iqx.core.quota import Policy
from tests.core.api.conftest import Post, send
from tests.core.api.test_problems import assert_problem
from tests.services import free_port

pytestmark = [pytest.mark.urls("tests.core.api.endpoints"), pytest.mark.django_db]

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _metered(settings: Settings, _unmetered: None, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS_ON = True
    settings.RATE_LIMITS = dict.fromkeys(("orders", "reads", "writes", "login", "register"), "3/60")
    monkeypatch.setattr(quota, "_redis_rests_until", 0.0)


@pytest.fixture(params=["postgres", "redis"])
def _store(request: pytest.FixtureRequest, settings: Settings) -> None:
    if request.param == "redis":
        settings.REDIS_URL = request.getfixturevalue("redis_url")


in_both_stores = pytest.mark.usefixtures("_store")


@in_both_stores
def test_the_limit_is_let_through_and_no_more(post: Post) -> None:
    assert [post("/api/v1/metered").status_code for _ in range(5)] == [200, 200, 200, 429, 429]


@in_both_stores
def test_every_counted_answer_says_what_is_left(post: Post) -> None:
    response = post("/api/v1/metered")
    assert response.headers["RateLimit-Policy"] == '"orders";q=3;w=60'
    assert response.headers["RateLimit"] == '"orders";r=2;t=60'


@in_both_stores
def test_a_refusal_says_when_to_come_back(post: Post) -> None:
    for _ in range(3):
        post("/api/v1/metered")
    response = post("/api/v1/metered")
    assert_problem(response, 429, "throttled")
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert response.headers["RateLimit"].startswith('"orders";r=0;t=')


@in_both_stores
def test_a_batch_costs_as_much_as_it_holds_and_is_refused_whole(post: Post) -> None:
    assert post("/api/v1/metered", {"cost": 2}).status_code == 200
    assert post("/api/v1/metered", {"cost": 2}).status_code == 429
    assert post("/api/v1/metered", {"cost": 1}).headers["RateLimit"].startswith('"orders";r=0')


@in_both_stores
def test_what_can_never_fit_is_refused_and_costs_nothing(post: Post) -> None:
    assert post("/api/v1/metered", {"cost": 4}).headers["RateLimit"].startswith('"orders";r=3')
    assert post("/api/v1/metered", {"cost": 3}).status_code == 200


@in_both_stores
def test_a_window_begins_with_its_first_request_and_ends() -> None:
    policy = Policy("orders", 2, 1)
    who = str(uuid4())
    assert [quota.spend(policy, who).granted for _ in range(3)] == [True, True, False]
    time.sleep(1.1)
    usage = quota.spend(policy, who)
    assert (usage.granted, usage.remaining) == (True, 1)


@in_both_stores
def test_users_and_quotas_are_counted_apart(user_id: UUID) -> None:
    for _ in range(3):
        send(user_id, "/api/v1/metered")
    assert send(user_id, "/api/v1/metered").status_code == 429
    assert send(uuid4(), "/api/v1/metered").status_code == 200
    assert send(user_id, "/api/v1/notes").status_code == 201


def test_by_default_reads_and_writes_are_counted_apart(client: Client, user_id: UUID) -> None:
    response = client.get("/api/v1/notes", headers={"Authorization": f"Test {user_id}"})
    assert response.headers["RateLimit"].startswith('"reads"')
    assert send(user_id, "/api/v1/notes").headers["RateLimit"].startswith('"writes"')


def test_log_ins_are_counted_by_address_whoever_is_named() -> None:
    assert [send(uuid4(), "/api/v1/login").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_refused_request_has_no_effect(post: Post) -> None:
    for _ in range(3):
        post("/api/v1/notes")
    assert post("/api/v1/notes").status_code == 429
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_event")
        assert cursor.fetchone() == (3,)


def test_switched_off_nothing_is_counted(post: Post, settings: Settings) -> None:
    settings.RATE_LIMITS_ON = False
    responses = [post("/api/v1/metered") for _ in range(5)]
    assert {response.status_code for response in responses} == {200}
    assert "RateLimit" not in responses[0].headers
    assert not QuotaCounter.objects.exists()


def test_without_its_redis_postgres_counts(post: Post, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert [post("/api/v1/metered").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert caplog.text.count("Redis does not answer") == 1  # it is left alone for a while


def test_after_its_rest_redis_counts_again(redis_url: str, settings: Settings) -> None:
    policy, who = Policy("orders", 3, 60), str(uuid4())
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    quota.spend(policy, who)
    settings.REDIS_URL = redis_url
    quota._redis_rests_until = 0.0
    assert quota.spend(policy, who).remaining == 2
    with redis.Redis.from_url(redis_url) as client:
        assert client.get(f"iqx:quota:orders:{who}") == b"1"


def test_in_the_last_millisecond_of_a_window_redis_counts_on(redis_url: str, settings: Settings) -> None:
    """Its time to live reads 0 there, which Redis takes for no expiry of a key."""
    settings.REDIS_URL = redis_url
    policy, who = Policy("orders", 100_000, 60), str(uuid4())
    with redis.Redis.from_url(redis_url) as client:
        for _ in range(50):
            client.set(f"iqx:quota:orders:{who}", 1, px=2)
            while quota.spend(policy, who).resets_in_s == 1:
                pass
    assert not QuotaCounter.objects.exists()


def test_counters_whose_window_is_over_are_purged() -> None:
    quota.spend(Policy("orders", 3, 60), "a")
    quota.spend(Policy("orders", 3, -1), "b")
    assert quota.purge() == 1
    assert [counter.key for counter in QuotaCounter.objects.all()] == ["orders:a"]


def test_the_table_of_counters_is_unlogged() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'core_quotacounter'")
        assert cursor.fetchone() == ("u",)


# Races: a limit of 20, 120 requests, 16 threads in two processes


def race(path: str, redis_url: str) -> int:
    """How many of the 120 got through."""
    environment = {**os.environ, "DATABASE_URL": _test_database_url(), "IQX_DB_POOL_MAX": "8"}
    command = [sys.executable, "-m", "tests.core.api.racer", path, str(uuid4()), redis_url]
    racers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True)
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return sum(int(racer.communicate(timeout=60)[0]) for racer in racers)


def _test_database_url() -> str:
    there = connection.settings_dict
    return (
        f"postgresql://{there['USER'] or ''}:{there['PASSWORD'] or ''}@:{there['PORT'] or ''}/{there['NAME']}"
        f"?host={there['HOST']}"
    )


@pytest.mark.django_db(transaction=True)
def test_exactly_twenty_of_120_get_through_by_postgres() -> None:
    assert race("/api/v1/metered", "") == 20


@pytest.mark.django_db(transaction=True)
def test_exactly_twenty_of_120_get_through_by_redis(redis_url: str) -> None:
    assert race("/api/v1/metered", redis_url) == 20


@pytest.mark.django_db(transaction=True)
def test_control_drfs_own_throttle_lets_more_through(redis_url: str) -> None:
    assert race("/api/v1/metered-by-drf", redis_url) > 20


# Whose request it is


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "client"),
    [
        (0, "1.1.1.1", None, "1.1.1.1"),
        (0, "1.1.1.1", "6.6.6.6", "1.1.1.1"),
        (1, "1.1.1.1", "2.2.2.2", "2.2.2.2"),
        (1, "1.1.1.1", "6.6.6.6, 2.2.2.2", "2.2.2.2"),
        (2, "1.1.1.1", "6.6.6.6, 3.3.3.3,2.2.2.2", "3.3.3.3"),
        (2, "1.1.1.1", "2.2.2.2", "1.1.1.1"),
        (1, "1.1.1.1", None, "1.1.1.1"),
        (1, "1.1.1.1", "unknown", "1.1.1.1"),
        (1, "1.1.1.1", "2.2.2.2, x'; DROP", "1.1.1.1"),
        (0, "", None, "unknown"),
        (0, "::ffff:1.2.3.4", None, "1.2.3.4"),
        (0, "fe80::1%eth0", None, "fe80::1"),
    ],
)
def test_only_what_trusted_proxies_add_tells_the_address(
    settings: Settings, proxies: int, peer: str, forwarded: str | None, client: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)) == client


def test_a_forged_address_wins_no_second_quota(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    statuses = [
        send(None, "/api/v1/login", **{"X-Forwarded-For": f"10.0.0.{n}, 2.2.2.2"}).status_code for n in range(4)
    ]
    assert statuses == [200, 200, 200, 429]


def test_one_ipv6_household_is_one_client() -> None:
    requests = [RequestFactory().get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}") for n in (1, 2)]
    assert {client_network(request) for request in requests} == {"2001:db8:1:2::/64"}
    assert client_network(RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:3::1")) == "2001:db8:1:3::/64"
