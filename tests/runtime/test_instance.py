"""Two platforms never share data or a port, and a killed one leaves neither locked."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from iqx.runtime.instance import Address, CannotStartError, only_one, require_free_port
from tests.services import free_port

HOLD = """
import sys, time
from pathlib import Path
from iqx.runtime.instance import Address, only_one
with only_one(Path(sys.argv[1]), Address("127.0.0.1", 4321)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_platform_on_the_same_data_is_told_where_the_first_one_is(
    data_dir: Path, python: Callable[..., subprocess.Popen[str]]
) -> None:
    first = python(HOLD, str(data_dir))
    assert first.stdout
    assert first.stdout.readline() == "held\n"
    refusal = rf"already running here: http://127.0.0.1:4321 \(process {first.pid}\)"
    with pytest.raises(CannotStartError, match=refusal), only_one(data_dir, Address("127.0.0.1", 4322)):
        pass
    assert first.poll() is None

    first.kill()
    first.wait()
    with only_one(data_dir, Address("127.0.0.1", 4322)):
        assert "4322" in (data_dir / "run.lock").read_text()


def test_a_taken_port_is_refused_and_its_owner_unharmed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        with pytest.raises(CannotStartError, match=f"Port {port} on 127.0.0.1 is taken"):
            require_free_port(Address("127.0.0.1", port), patience_s=0)
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass


def test_a_free_port_is_accepted_and_left_free() -> None:
    port = free_port()
    require_free_port(Address("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStartError, match="Can't listen"):
        require_free_port(Address("192.0.2.1", free_port()))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::1]:8000"),
    ],
)
def test_the_url_works_on_this_machine(host: str, url: str) -> None:
    assert Address(host, 8000).url == url
