"""What a client may say, what it is told, and what ends a connection."""

import contextlib
import json
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from iqx.core.events import market_stream, user_stream
from iqx.core.feed import wire
from tests.feed import schemas
from tests.feed.applications import Person, append_events, end_session
from tests.feed.clients import ServerProcess
from tests.feed.conftest import StartServer

pytestmark = pytest.mark.django_db(transaction=True)


MALFORMED: list[tuple[str | bytes, str]] = [
    ("", "malformed"),
    ("{", "malformed"),
    ("nonsense", "malformed"),
    ("null", "malformed"),
    ("[]", "malformed"),
    ('"ping"', "malformed"),
    ("1" * 5000, "malformed"),
    ("[" * 5000, "malformed"),
    (b'{"op":"ping"}', "malformed"),
    ("{}", "unknown_op"),
    ('{"op":null}', "unknown_op"),
    ('{"op":["ping"]}', "unknown_op"),
    ('{"op":"shutdown"}', "unknown_op"),
    ('{"op":"ping","id":7}', "validation_error"),
    ('{"op":"ping","id":"\\ud800"}', "validation_error"),
    ('{"op":"ping","id":"' + "x" * 65 + '"}', "validation_error"),
    ('{"op":"auth"}', "validation_error"),
    ('{"op":"auth","token":1}', "validation_error"),
    ('{"op":"subscribe"}', "unknown_channel"),
    ('{"op":"subscribe","channel":"everything"}', "unknown_channel"),
    ('{"op":"subscribe","channel":{}}', "unknown_channel"),
    ('{"op":"subscribe","channel":"book"}', "validation_error"),
    ('{"op":"subscribe","channel":"book","market":5}', "validation_error"),
    ('{"op":"subscribe","channel":"book","market":"NOT-LISTED"}', "unknown_market"),
    ('{"op":"subscribe","channel":"book","market":"\\u0000"}', "validation_error"),
    ('{"op":"subscribe","channel":"book","market":"USDT-%\'"}', "unknown_market"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":-1}', "invalid_since"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":"0"}', "invalid_since"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":1.0}', "invalid_since"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":true}', "invalid_since"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":NaN}', "invalid_since"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":99}', "invalid_since"),
    ('{"op":"subscribe","channel":"market_updates","market":"USDT-EUR","since":' + "9" * 400 + "}", "invalid_since"),
    ('{"op":"subscribe","channel":"user"}', "not_authenticated"),
    ('{"op":"unsubscribe","channel":"book","market":"USDT-EUR"}', "not_subscribed"),
    ('{"op":"ping","padding":"' + "x" * 9000 + '"}', "message_too_large"),
]


@pytest.mark.parametrize(("sent", "code"), MALFORMED)
def test_a_malformed_message_is_refused_and_the_connection_stays(
    server: ServerProcess, sent: str | bytes, code: str
) -> None:
    with server.client() as client:
        client.socket.send(sent)
        answer = client.answer()
        assert (answer["op"], answer["code"]) == ("error", code)
        assert client.ask("ping", id="after") == {"op": "pong", "id": "after"}


def test_a_refusal_repeats_the_id(server: ServerProcess) -> None:
    with server.client() as client:
        assert client.ask("subscribe", id="x", channel="user")["id"] == "x"
        client.socket.send('{"op":"nothing","id":"y"}')
        assert client.answer()["id"] == "y"
        client.socket.send("{")
        assert client.answer()["id"] is None


def test_every_refusal_is_documented() -> None:
    documented = schemas.document()["components"]["schemas"]["Error"]["properties"]["code"]["enum"]
    assert documented == list(wire.REFUSALS)


def test_a_message_beyond_all_measure_ends_the_connection(server: ServerProcess) -> None:
    with server.client() as client:
        with contextlib.suppress(ConnectionClosed):
            client.socket.send("x" * 100_000)
        client.close_code()


def test_too_many_messages_end_the_connection(server: ServerProcess) -> None:
    with server.client() as client:
        for _ in range(300):
            try:
                client.socket.send('{"op":"ping"}')
            except ConnectionClosed:
                break
        assert client.close_code() == 4009


def test_a_flood_does_not_pile_up(server: ServerProcess, market: str) -> None:
    """Sent faster than read: the server keeps a bounded number of them."""
    with server.client() as client:
        before_mb = server.memory_mb()
        with contextlib.suppress(ConnectionClosed):
            for _ in range(1_000):
                client.socket.send('{"op":"ping","padding":"' + "x" * 60_000 + '"}')
        assert client.close_code() in {4009, None}
        assert server.memory_mb() - before_mb < 30


def test_another_address_is_refused(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(server.address.replace("http", "ws") + "/ws/v2", proxy=None):
        pass
    assert refused.value.response.status_code == 403


def test_the_same_subscription_twice_is_refused(server: ServerProcess, market: str) -> None:
    with server.client() as client:
        client.subscribe(market=market)
        assert client.ask("subscribe", channel="market_updates", market=market)["code"] == "already_subscribed"
        append_events(market_stream(market), [{}])
        assert client.seqs(1) == [1]
        assert client.is_quiet()


def test_a_socket_has_a_limited_number_of_subscriptions(start_server: StartServer) -> None:
    with start_server(subscriptions=2).client() as client:
        for market in ("USDT-A", "USDT-B"):
            client.subscribe(market=market)
        refused = client.ask("subscribe", channel="market_updates", market="USDT-C")
        assert refused["code"] == "too_many_subscriptions"
        client.ask("unsubscribe", channel="market_updates", market="USDT-A")
        client.subscribe(market="USDT-C")


def test_after_unsubscribing_nothing_comes(server: ServerProcess, market: str) -> None:
    with server.client() as client:
        client.subscribe(market=market)
        answer = client.ask("unsubscribe", id="u", channel="market_updates", market=market)
        assert answer == {"op": "unsubscribed", "id": "u", "channel": "market_updates", "market": market}
        append_events(market_stream(market), [{}])
        assert client.is_quiet()
        client.subscribe(market=market, since=0)
        assert client.seqs(1) == [1]


def test_the_heartbeat_tells_the_heads(start_server: StartServer, market: str, person: Person) -> None:
    append_events(user_stream(person.user_id), [{}, {}], type="wallet_updated")
    with start_server(heartbeat_s=0.2).client(person.token) as client:
        client.subscribe(market=market)
        client.subscribe("user")
        while (message := client.receive()).get("heads", {}).keys() != {f"market:{market}", "user"}:
            pass
        assert message["heads"] == {f"market:{market}": 0, "user": 2}


# Who it is


def test_the_bearer_protocol_authenticates_and_is_not_echoed(server: ServerProcess, person: Person) -> None:
    with server.client(person.token) as client:
        assert client.socket.subprotocol == "iqx.v1"
        client.subscribe("user")


def test_the_auth_message_authenticates(server: ServerProcess, person: Person) -> None:
    with server.client() as client:
        answer = client.ask("auth", id="a", token=person.token)
        assert answer == {"op": "authenticated", "id": "a", "user": str(person.user_id)}
        client.subscribe("user")


def test_an_invalid_token_ends_the_connection(server: ServerProcess) -> None:
    with server.client("nonsense") as client:
        assert client.close_code() == 4001
    with server.client() as client:
        client.send("auth", token="nonsense")
        assert client.close_code() == 4001


def test_a_socket_does_not_change_hands(server: ServerProcess, person: Person, stranger: Person) -> None:
    with server.client(person.token) as client:
        client.subscribe("user")
        assert client.ask("auth", token=stranger.token)["code"] == "already_authenticated"
        append_events(user_stream(stranger.user_id), [{}], type="wallet_updated")
        assert client.is_quiet()


def test_the_end_of_a_session_closes_its_sockets_at_once(
    server: ServerProcess, person: Person, stranger: Person
) -> None:
    with server.client(person.token) as one, server.client(person.token) as two, server.client(stranger.token) as other:
        for client in (one, two, other):
            client.subscribe("user")
        server.ring_ended(str(person.session_id))
        assert one.close_code() == two.close_code() == 4001
        assert other.ask("ping")["op"] == "pong"


def test_the_end_of_a_session_that_nobody_rang_closes_its_sockets(
    start_server: StartServer, person: Person, stranger: Person
) -> None:
    server = start_server(heartbeat_s=0.2)
    with server.client(person.token) as client, server.client(stranger.token) as other:
        client.subscribe("user")
        other.subscribe("user")
        end_session(person.session_id)
        assert client.close_code() == 4001
        assert other.ask("ping")["op"] == "pong"


def test_a_restart_is_told_and_quick(start_server: StartServer, market: str) -> None:
    server = start_server()
    with server.client() as one, server.client() as two:
        one.subscribe(market=market)
        server.process.terminate()
        assert one.close_code() == two.close_code() == 4010
    assert server.process.wait(timeout=5) == 0


def test_what_the_tests_say_is_documented(market: str) -> None:
    """The judge itself: it refuses what the document does not know."""
    event: dict[str, Any] = {"channel": "market_updates", "market": market, "seq": 1, "type": "order_created"}
    event |= {"at": "2026-11-22T10:00:00.123456Z", "data": {}}
    schemas.check(event)
    for broken in ({**event, "seq": "1"}, {**event, "type": "invented"}, {**event, "owner": str(uuid4())}):
        with pytest.raises(Exception, match="Failed validating"):
            schemas.check(json.loads(json.dumps(broken)))
