"""The bots on a real server: they trade, they survive its restarts, and they leave the books clean."""

import time
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q
from pytest_django import Settings

from accounts.models import User
from orders.models import CancelAfter, Order
from tests.demo.conftest import StartServer
from tests.factories.orders import place, take
from tests.factories.wallets import fund
from tests.runtime.conftest import eventually
from tests.runtime.processes import Command, command
from trades.models import Trade
from wallets import audit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def traders(port: str) -> Iterator[Command]:
    with command("demo_traders", "--speed", "20", PORT=port) as started:
        yield started


def trades(status: str) -> int:
    return Trade.objects.filter(status=status).count()


def test_bots_alone_make_a_market(seeded: None, start_server: StartServer, port: str) -> None:
    output = StringIO()
    with start_server() as server:
        call_command("demo_traders", url=f"http://127.0.0.1:{port}/", seconds=25, speed=20, stdout=output)
        assert "Traceback" not in server.text
    assert output.getvalue() == f"waiting for http://127.0.0.1:{port}\n7 bots trade on USDT-EUR\n"
    assert trades("released") >= 1
    assert set(Trade.objects.values_list("market_id", flat=True)) == {"USDT-EUR"}
    sides = {side: Order.objects.filter(side=side, status="open") for side in ("buy", "sell")}
    bids, asks = (sorted(sides[side].values_list("price", flat=True)) for side in ("buy", "sell"))
    assert len(bids) >= 6
    assert len(asks) >= 6
    assert bids[-1] < asks[0]
    assert audit.audit() == []


def test_they_keep_to_their_own_accounts_and_a_dead_mans_switch_guards_their_quotes(
    seeded: None, start_server: StartServer, traders: Command
) -> None:
    with start_server():
        assert eventually(lambda: trades("released") >= 1, within_s=60)
    bots = User.objects.filter(email__startswith="bot-")
    assert bots.count() == 7
    assert not Trade.objects.exclude(Q(buyer__in=bots) & Q(seller__in=bots)).exists()
    makers = Order.objects.filter(time_in_force="GTC", status="open").values("owner_id")
    assert CancelAfter.objects.filter(user__in=makers).count() == makers.distinct().count() >= 1


def test_they_wait_for_the_server_and_survive_its_restart(
    seeded: None, start_server: StartServer, traders: Command
) -> None:
    with start_server() as server:
        assert eventually(lambda: trades("released") >= 1, within_s=60)
        server.process.kill()
    traders.wait_for("the server is away")
    before = Trade.objects.count()
    with start_server():
        traders.wait_for("the server is back")
        assert eventually(lambda: Trade.objects.count() > before and trades("released") >= 3, within_s=60)
    assert traders.process.poll() is None
    assert audit.audit() == []


def test_bots_that_start_again_take_up_what_they_left(seeded: None, start_server: StartServer, port: str) -> None:
    bots = User.objects.filter(email__startswith="bot-")
    with start_server():
        with command("demo_traders", "--speed", "20", PORT=port) as traders:
            assert eventually(lambda: bots.count() == 7, within_s=60)
            assert traders.end() == 0
        left = Trade.objects.filter(pk__in=[trade.pk for trade in _trades_between(*bots[:2])])
        with command("demo_traders", "--speed", "20", PORT=port):
            # One in fifty is paid late on purpose.
            assert eventually(lambda: left.filter(status="awaiting_payment").count() < 4, within_s=60)
    assert bots.count() == 7


def _trades_between(seller: User, buyer: User) -> list[Trade]:
    """Eight trades, far from the market's price: each is of an offer that was chosen."""
    fund(seller, 100)
    offers = [place(seller, "sell", 2, 5)[0] for _ in range(8)]
    return [trade for offer in offers for trade in take(buyer, offer, 5)[1]]


def test_they_end_when_told_to_even_while_they_wait_for_a_server(port: str) -> None:
    with command("demo_traders", PORT=port) as traders:
        traders.wait_for("waiting for")
        time.sleep(1)
        told_at = time.monotonic()
        assert traders.end() == 0
        assert time.monotonic() - told_at < 3
        assert len(traders.lines) == 1


def test_without_the_demo_data_they_say_what_is_missing(start_server: StartServer, port: str) -> None:
    with start_server(), pytest.raises(CommandError, match=r"404 not_found\. Is the demo data there\?"):
        call_command("demo_traders", url=f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("options", [{"traders": 1}, {"traders": 13}, {"speed": 0}, {"seconds": 0}])
def test_nonsense_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(CommandError, match="There are from 2 to 12 traders"):
        call_command("demo_traders", **options)


def test_production_refuses_them(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="no place in production"):
        call_command("demo_traders")
