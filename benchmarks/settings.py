"""IQX as it is deployed, without rate limits and with the benchmark's own address."""

import os

os.environ.update(
    IQX_ENV="sandbox",
    IQX_RATE_LIMITS="off",
    IQX_DEMO_TRADERS="0",
    IQX_MAX_LIVE_ORDERS="1000000",
    IQX_ACCESS_TOKEN_SECONDS="86400",
    IQX_LOG_LEVEL="WARNING",
)

from iqx.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
