"""The bell: quick, never raises, and only one message for what is pending."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from channels.layers import channel_layers

from iqx.core import bell


class Layer:
    """A channel layer that remembers, and that can be away."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.away = False

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        assert group == bell.GROUP
        if self.away:
            raise ConnectionError("away")
        self.sent.append(message)


@pytest.fixture
def layer() -> Iterator[Layer]:
    layer = Layer()
    before = channel_layers.set("default", layer)
    yield layer
    channel_layers.set("default", before)


@contextmanager
def server_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    bell.attach(loop)
    try:
        yield loop
    finally:
        bell.attach(None)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def wait_until(condition: Any) -> None:
    give_up_at = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def ring_often() -> None:
    for head in range(1, 101):
        bell.ring({"market:A": head})


def test_rings_from_many_threads_are_joined_and_the_last_head_arrives(layer: Layer) -> None:
    with server_loop() as loop:
        hold = threading.Event()
        loop.call_soon_threadsafe(hold.wait)
        threads = [threading.Thread(target=ring_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hold.set()
        wait_until(lambda: layer.sent)
        assert layer.sent == [{"type": "bell.rung", "heads": {"market:A": 100}, "ended": []}]


def test_sessions_that_ended_are_told(layer: Layer) -> None:
    session_id = uuid4()
    with server_loop():
        bell.ring_ended([session_id])
        wait_until(lambda: layer.sent)
    assert layer.sent == [{"type": "bell.rung", "heads": {}, "ended": [str(session_id)]}]


def test_an_outage_is_logged_once_and_ends(layer: Layer, caplog: pytest.LogCaptureFixture) -> None:
    layer.away = True
    with caplog.at_level(logging.WARNING, "iqx.core.bell"), server_loop():
        for head in range(1, 6):
            bell.ring({"market:A": head})
            time.sleep(0.02)
        wait_until(lambda: caplog.messages)
        layer.away = False
        bell.ring({"market:A": 6})
        wait_until(lambda: layer.sent)
    assert [message.split(";")[0] for message in caplog.messages] == [
        "The channel layer does not answer",
        "The channel layer answers again",
    ]


def test_a_process_without_a_server_rings_too(layer: Layer) -> None:
    bell.ring({"market:A": 1})
    wait_until(lambda: layer.sent)


def test_a_loop_that_was_stopped_raises_nothing_and_blocks_no_later_one(
    layer: Layer, caplog: pytest.LogCaptureFixture
) -> None:
    dead = asyncio.new_event_loop()
    dead.close()
    bell.attach(dead)
    bell.ring({"market:A": 1})
    assert "The bell is broken" in caplog.text
    with server_loop():
        bell.ring({"market:A": 2})
        wait_until(lambda: layer.sent)


def test_a_forked_child_has_a_bell_of_its_own(layer: Layer) -> None:
    bell.ring({"market:A": 1})
    wait_until(lambda: layer.sent)
    child = os.fork()
    if child == 0:
        bell.ring({"market:A": 2})
        give_up_at = time.monotonic() + 5
        while len(layer.sent) < 2 and time.monotonic() < give_up_at:
            time.sleep(0.005)
        os._exit(0 if len(layer.sent) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
