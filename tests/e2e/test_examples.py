"""What the README tells a newcomer to run, against a real server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from orders.models import Market
from tests.e2e.people import Person
from tests.factories.accounts import log_in, make_user
from tests.factories.wallets import fund
from tests.feed.clients import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = Path(settings.BASE_DIR, "docs", "examples")


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_trade_by_curl_moves_100_usdt(platform: ServerProcess) -> None:
    call_command("seed_demo", verbosity=0)
    done = run("bash", str(EXAMPLES / "trade.sh"), platform.address)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[-4:-2] == [
        "Alice 9900.000000 available, 0.000000 locked",
        "Bob   10100.000000 available, 0.000000 locked",
    ]
    assert lines[-1].endswith("100.000000 USDT for 100.00 USD, from Alice to Bob")


def test_the_trade_by_curl_stops_at_the_first_problem(platform: ServerProcess) -> None:
    done = run("bash", str(EXAMPLES / "trade.sh"), platform.address)  # nobody is there to log in
    assert done.returncode == 1
    assert '"code": "authentication_failed"' in done.stderr
    assert done.stdout == "1. Alice and Bob log in.\n"


@pytest.fixture
def watcher(platform: ServerProcess, own_market: Market) -> Iterator["subprocess.Popen[str]"]:
    address = platform.address.replace("http", "ws", 1)
    command = [sys.executable, str(EXAMPLES / "watch.py"), address, own_market.symbol]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()


def test_the_watcher_sees_a_market_from_its_first_event(
    platform: ServerProcess, own_market: Market, watcher: "subprocess.Popen[str]"
) -> None:
    seller = make_user()
    fund(seller, 10)
    tokens = log_in(seller).tokens
    with Person.with_tokens(platform, {"access": tokens.access, "refresh": tokens.refresh}) as person:
        order = person.order("sell", "1", "10", market=own_market.symbol)["order"]
    assert watcher.stdout
    messages = (json.loads(line) for line in watcher.stdout)
    event = next(message for message in messages if "op" not in message)
    assert (event["seq"], event["type"], event["data"]["id"]) == (1, "order_created", order["id"])
