"""What the stories share: people who use IQX by its REST API alone, and a voice that tells what happens.

A story ends with exit code 1 at the first surprise. It takes the server's address as its argument, by default that of
`make run`, and needs the demo data:

    from client import Person, check, scene, tell

    scene("Anna sells 100 USDT")
    anna = Person.new("Anna", usdt=100)
    order = anna.post("/orders", {...}, status=201)["order"]
    check("her order", order["status"], "open")
    anna.refused("POST", f"/orders/{order['id']}/take", {...}, code="own_offer")
    tell(f"{order['amount']} USDT are for sale")
"""

import itertools
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn, Self
from uuid import uuid4

import httpx

SERVER = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
DEMO_PASSWORD = "demo-pass-2026"  # noqa: S105 everybody knows it
NEW_PASSWORD = "a-pass-for-this-story-only"  # noqa: S105 of people who are made up on the spot

Json = dict[str, Any]

_scenes = itertools.count(1)


def scene(text: str) -> None:
    """Begin the next numbered step."""
    print(f"{next(_scenes)}. {text}", flush=True)


def tell(text: str) -> None:
    """Say what was seen in this step."""
    print(f"   {text}", flush=True)


def surprise(text: str) -> NoReturn:
    """End the story: something is not as it should be."""
    print(f"   surprise: {text}", file=sys.stderr)
    raise SystemExit(1)


def check(what: str, seen: object, expected: object) -> None:
    """Go on only if `seen` is what the story says."""
    if seen != expected:
        surprise(f"{what}: expected {expected!r}, saw {seen!r}")


def eventually(what: str, read: Callable[[], object], *, within_s: float = 30) -> Any:
    """What `read` returns as soon as that is true; for what a worker does in its own time."""
    give_up_at = time.monotonic() + within_s
    while not (seen := read()):
        if time.monotonic() > give_up_at:
            surprise(f"{what} did not come within {within_s:.0f} seconds")
        time.sleep(0.2)
    return seen


class Person:
    """Somebody with a client of his own. Paths are below /api/v1, unless they begin with /api."""

    def __init__(self, name: str, tokens: Json | None = None) -> None:
        self.name = name
        self.user: Json = (tokens or {}).get("user", {})
        self.access: str = (tokens or {}).get("access", "")
        self.http = httpx.Client(base_url=SERVER, trust_env=False, timeout=20)
        if self.access:
            self.http.headers["Authorization"] = f"Bearer {self.access}"

    @classmethod
    def nobody(cls) -> Self:
        """A visitor who is not logged in."""
        return cls("A visitor")

    @classmethod
    def new(cls, name: str, *, usdt: int = 0) -> Self:
        """Register somebody whom no other story knows, with play money if he needs some."""
        email = f"{name.lower()}-{uuid4().hex[:12]}@stories.example"
        credentials = {"email": email, "password": NEW_PASSWORD, "display_name": name}
        person = cls(name, cls.nobody().post("/auth/register", credentials, status=201))
        if usdt:
            person.post("/wallet/deposits", {"amount": str(usdt)}, status=201)
        return person

    @classmethod
    def demo(cls, name: str) -> Self:
        """Log in as one of the demo data's people: Alice, Bob, Carol, Support or Admin."""
        credentials = {"email": f"{name.lower()}@iqx.example", "password": DEMO_PASSWORD}
        return cls(name, cls.nobody().post("/auth/login", credentials))

    def get(self, path: str, *, status: int = 200, **query: object) -> Any:
        return self.call("GET", path, status=status, params=query)

    def post(self, path: str, body: Json | None = None, *, status: int = 200, **options: Any) -> Any:
        """Options are httpx's: `files=` makes it multipart, with `body` as its form."""
        return self.call("POST", path, body, status=status, **options)

    def patch(self, path: str, body: Json, *, status: int = 200) -> Any:
        return self.call("PATCH", path, body, status=status)

    def delete(self, path: str, *, status: int = 204) -> Any:
        return self.call("DELETE", path, status=status)

    def call(self, method: str, path: str, body: Json | None = None, *, status: int = 200, **options: Any) -> Any:
        """The answer, as JSON, bytes or None; a surprise if its status is another one."""
        answer = self.send(method, path, body, **options)
        if answer.status_code != status:
            surprise(f"{self.name}: {method} {path}: expected {status}, saw {answer.status_code} {answer.text}")
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers["Content-Type"] else answer.content

    def refused(self, method: str, path: str, body: Json | None = None, *, code: str, **options: Any) -> Json:
        """The problem that a request is answered with; a surprise if it is not refused, or with another code."""
        answer = self.send(method, path, body, **options)
        if answer.status_code < 400 or answer.json()["code"] != code:
            surprise(f"{self.name}: {method} {path}: expected {code}, saw {answer.status_code} {answer.text}")
        problem: Json = answer.json()
        tell(f"{self.name} is refused: {problem['detail']} ({code})")
        return problem

    def send(self, method: str, path: str, body: Json | None = None, **options: Any) -> httpx.Response:
        """A request, however it is answered. Each POST has an Idempotency-Key of its own, unless `key` is given."""
        if method == "POST":
            options["headers"] = {"Idempotency-Key": options.pop("key", str(uuid4()))} | options.get("headers", {})
        if body is not None:
            options["data" if "files" in options else "json"] = body
        return self.http.request(method, path if path.startswith("/api") else f"/api/v1{path}", **options)
