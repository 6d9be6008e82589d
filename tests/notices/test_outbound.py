"""Nothing is ever posted to a private address, whatever it is called, and nothing takes for ever."""

import ipaddress
import socket
import time
from typing import Any

import httpcore
import pytest

from accounts.models import User
from iqx.notices import outbound
from iqx.notices.models import Webhook
from iqx.notices.outcomes import Failed, Refused
from tests.notices.conftest import client_of
from tests.notices.servers import HttpServer, Subscriber, serving


def resolving_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names resolve to these addresses, one list after the other; the names asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "0.0.0.7", "255.255.255.255", "224.0.0.1", "168.63.129.16", "192.0.0.192", "198.18.0.1",
        "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "100::1", "fec0::1",
    ],
)  # fmt: skip
def test_a_private_address_is_known_for_one(address: str) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_is_known_for_one(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest",
        "https://hooks.example:22/", "https://hooks.example:99999/", "ftp://hooks.example/", "file:///etc/passwd",
        "https://user:pass@hooks.example/", "https://hooks.example/#x", "https:///x", "hooks.example",
        "//hooks.example/",
        "https://hooks.example/a b", "https://hooks.example/\r\nX: y", "https://höoks.example/", "javascript:alert(1)",
        "https://[fe80::1%25eth0]/", "https://[", "gopher://hooks.example/",
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_an_address_that_is_never_posted_to_makes_no_webhook(user: User, url: str) -> None:
    answer = client_of(user).post("/api/v1/webhooks", {"url": url}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_url_refused")
    assert not Webhook.objects.exists()


def test_production_posts_by_https_alone(settings: Any) -> None:
    outbound.check_url("http://hooks.example/")
    settings.PRODUCTION = True
    with pytest.raises(Refused):
        outbound.check_url("http://hooks.example/")
    outbound.check_url("https://hooks.example:8443/iqx?key=1")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(Refused):
        outbound.post(f"http://{host}/", b"{}", {})


def test_one_private_address_among_public_ones_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Refused):
        outbound.post("https://hooks.example/", b"{}", {})


def test_a_name_that_answers_differently_the_second_time_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is connected to is the address that was checked; the name is asked for once."""
    asked = resolving_to(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    connected: list[str] = []

    def connect(self: Any, host: str, *args: Any, **options: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(Failed):
        outbound.post("https://hooks.example/", b"{}", {})
    assert (asked, connected) == (["hooks.example"], ["8.8.8.8"])


def test_a_name_that_nobody_knows_may_be_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **options: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Failed):
        outbound.post("https://hooks.example/", b"{}", {})


def test_redirects_are_not_followed(subscriber: Subscriber) -> None:
    other = HttpServer()
    with serving(other):
        subscriber.answer(302, Location=f"{other.url}/secret")
        assert outbound.post(subscriber.url, b"{}", {}).status == 302
        assert other.asked == []


def test_no_more_of_an_answer_is_read_than_is_looked_at(subscriber: Subscriber) -> None:
    subscriber.answers = [(200, {}, b"x" * 1_000_000)]
    assert len(outbound.post(subscriber.url, b"{}", {}).body) == 4096


def test_an_answer_cannot_be_dripped_for_ever(subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte would be in time; all of them together are not."""
    moments = iter(range(0, 1000, 4))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(moments)))
    bounded = outbound._Bounded(Dripping(), deadline=time.monotonic() + 10)
    assert [bounded.read(1), bounded.read(1)] == [b"x", b"x"]
    with pytest.raises(httpcore.ReadTimeout):
        bounded.read(1)


class Dripping(httpcore.NetworkStream):
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return b"x"


def test_the_environments_proxy_is_not_used(subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert outbound.post(subscriber.url, b"{}", {}).status == 200
