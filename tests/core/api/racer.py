"""One of the processes of a race: `python -m tests.core.api.racer <path> <user> <redis url>`.

Says that it is ready, waits for a line, sends requests from several threads at once, and prints how many got through.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import django

# ruff: noqa: T201 (it speaks by its standard output)

THREADS = 8
REQUESTS = 60


def main(path: str, user: str, redis_url: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "iqx.settings"
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import override_settings

    cache = (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url, "KEY_PREFIX": user}
        if redis_url
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )

    def send(_: int) -> bool:
        try:
            return Client().get(path, headers={"Authorization": f"Test {user}"}).status_code == 200
        finally:
            connection.close()

    with (
        override_settings(
            ROOT_URLCONF="tests.core.api.endpoints",
            REDIS_URL=redis_url,
            RATE_LIMITS={"orders": "20/60"},
            RATE_LIMITS_ON=True,
            CACHES={"default": cache},
        ),
        ThreadPoolExecutor(THREADS) as pool,
    ):
        Client().get("/api/health")  # everything is loaded before the race
        print("ready", flush=True)
        sys.stdin.readline()
        print(sum(pool.map(send, range(REQUESTS))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
