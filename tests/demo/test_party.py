"""What a bot does with a trade, chance by chance, without a server."""

import asyncio
from typing import Any

import pytest

from iqx.demo import party
from iqx.demo.client import Refused
from iqx.demo.party import Party
from iqx.demo.world import MARKET, World

CHANCES = ("_CANCELS", "_PAYS_LATE", "_WANTS_OUT", "_AGREES_TO_CANCEL", "_FORGETS_TO_RELEASE", "_DISPUTES")
RULES = {"tick_size": "0.0001", "lot_size": "0.01", "payment_methods": ["sepa", "wise"]}


class Recorder:
    """Stands in for the client: notes what is asked, and answers from what it was given."""

    def __init__(self, **answers: Any) -> None:
        self.posts: list[str] = []
        self.answers = answers
        self.refuses = False

    async def post(self, path: str, **_body: Any) -> None:
        self.posts.append(path)
        if self.refuses:
            raise Refused(409, "trade_wrong_status")

    async def get(self, path: str, **query: Any) -> Any:
        listed = self.answers.get(path.strip("/"), [])
        return {"results": [row for row in listed if query.get("status") in {None, row.get("status")}]}


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CHANCES:
        monkeypatch.setattr(party, name, 0.0)


def trade(status: str, role: str, *, other: str = "Nils (bot)", **changes: Any) -> dict[str, Any]:
    me, them = {"display_name": "Lena (bot)"}, {"display_name": other}
    return {
        "id": "t1",
        "market": MARKET,
        "role": role,
        "status": status,
        "cancel_requested_at": None,
        "deadline": "2020-01-01T00:00:00.000000Z",
        "buyer": me if role == "buyer" else them,
        "seller": them if role == "buyer" else me,
        **changes,
    }


async def _hear(client: Recorder, world: World, stages: list[dict[str, Any]]) -> list[str]:
    bot = Party(client, world)  # type: ignore[arg-type]
    for stage in stages:
        bot._hear({"type": f"trade_{stage['status']}", "data": stage})
        await asyncio.gather(*bot._tending.values(), return_exceptions=True)
    return client.posts


def hear(*stages: dict[str, Any], client: Recorder | None = None, world: World | None = None) -> list[str]:
    """What a bot posts when the feed tells of a trade's stages one after another, given the time that it needs."""
    return asyncio.run(_hear(client or Recorder(), world or make_world(), list(stages)))


def make_world() -> World:
    world = World(RULES, None, speed=1_000_000, say=lambda _line: None)
    world.names |= {"Lena (bot)", "Nils (bot)"}
    return world


def test_a_buyer_pays_and_a_seller_releases() -> None:
    assert hear(trade("awaiting_payment", "buyer")) == ["/trades/t1/paid"]
    assert hear(trade("expired", "buyer")) == ["/trades/t1/paid"]
    assert hear(trade("paid", "seller")) == ["/trades/t1/release"]


def test_nobody_does_what_is_the_others_step() -> None:
    for stage in (trade("awaiting_payment", "seller"), trade("paid", "buyer"), trade("expired", "seller")):
        assert hear(stage) == []


def test_news_that_is_no_news_starts_nothing_anew() -> None:
    assert hear(trade("paid", "seller"), trade("paid", "seller")) == ["/trades/t1/release"]


def test_other_markets_and_other_news_are_left_alone() -> None:
    assert hear(trade("paid", "seller", market="USDT-USD")) == []
    bot = Party(Recorder(), make_world())  # type: ignore[arg-type]
    bot._hear({"type": "wallet_updated", "data": {"available": "1"}})
    bot._hear({"type": "trade_released", "data": {"market": MARKET, "price": "1"}})
    assert bot._stage == {}


@pytest.mark.parametrize(
    ("chance", "stage", "posts"),
    [
        ("_CANCELS", trade("awaiting_payment", "buyer"), ["/trades/t1/cancel"]),
        ("_WANTS_OUT", trade("awaiting_payment", "seller"), ["/trades/t1/cancel-request"]),
        ("_DISPUTES", trade("paid", "seller"), ["/trades/t1/dispute"]),
        ("_FORGETS_TO_RELEASE", trade("paid", "seller"), ["/trades/t1/release"]),
    ],
)
def test_bots_are_unreliable_among_themselves_only(
    chance: str, stage: dict[str, Any], posts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    well_behaved = hear(stage)
    monkeypatch.setattr(party, chance, 1.0)
    assert hear(stage) == posts
    other = "seller" if stage["role"] == "buyer" else "buyer"
    assert hear({**stage, other: {"display_name": "Alice"}}) == well_behaved


def test_who_pays_late_waits_for_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(party, "_PAYS_LATE", 1.0)
    monkeypatch.setattr(party.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
    assert hear(trade("awaiting_payment", "buyer")) == ["/trades/t1/paid"]
    assert waits[0] == 30  # the deadline is long over
    assert hear(trade("awaiting_payment", "buyer", deadline="2999-01-01T00:00:00.000000Z")) == ["/trades/t1/paid"]
    assert waits[2] > 10**9


@pytest.mark.parametrize(
    ("agrees", "status", "answer"),
    [(1.0, "awaiting_payment", "accept"), (0.0, "awaiting_payment", "reject"), (1.0, "paid", "reject")],
)
def test_who_has_paid_does_not_agree_to_cancel(
    agrees: float, status: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(party, "_AGREES_TO_CANCEL", agrees)
    stage = trade(status, "buyer", cancel_requested_at="2026-01-01T00:00:00.000000Z")
    assert hear(stage) == [f"/trades/t1/cancel-request/{answer}"]


def test_bots_have_one_dispute_at_a_time_and_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(party, "_DISPUTES", 1.0)
    world = make_world()
    world.disputed.add("another")
    assert hear(trade("paid", "seller"), world=world) == ["/trades/t1/release"]
    stages = [trade("paid", "seller"), trade("disputed", "seller"), trade("paid", "seller")]
    assert hear(*stages) == ["/trades/t1/dispute", "/trades/t1/release"]


@pytest.mark.parametrize(("opener", "posts"), [("seller", ["/disputes/d1/withdraw"]), ("buyer", []), ("system", [])])
def test_who_opened_a_dispute_takes_it_back(opener: str, posts: list[str]) -> None:
    client = Recorder(disputes=[{"id": "d1", "trade": "t1", "opened_by": opener}])
    assert hear(trade("disputed", "seller"), client=client) == posts


def test_a_refusal_is_the_end_of_a_step_and_of_nothing_else() -> None:
    client = Recorder()
    client.refuses = True
    assert hear(trade("paid", "seller"), client=client) == ["/trades/t1/release"]


def test_the_end_of_a_trade_is_the_end_of_tending_it() -> None:
    world = make_world()
    hear(trade("disputed", "buyer"), world=world)
    assert world.disputed == {"t1"}
    hear(trade("released", "buyer"), world=world)
    assert world.disputed == set()
    assert world.tally == {"disputed": 1, "released": 1}


def test_trades_of_before_are_taken_up() -> None:
    async def join() -> list[str]:
        client = Recorder(trades=[trade("paid", "seller"), trade("released", "seller", id="t0")])
        bot = Party(client, make_world())  # type: ignore[arg-type]
        bot._catch_up()
        assert bot._catching_up
        await bot._catching_up
        await asyncio.gather(*bot._tending.values())
        return client.posts

    assert asyncio.run(join()) == ["/trades/t1/release"]
