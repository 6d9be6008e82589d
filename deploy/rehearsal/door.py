"""What nginx does at the door: TLS, HTTP/2, headers, limits, files, names that are not ours."""

import socket
import ssl
from collections.abc import Iterator

import httpx
from django.urls import reverse

from deploy.rehearsal.stage import HOST, Stage

Look = tuple[str, bool, str]


def look(stage: Stage) -> list[Look]:
    tls = ssl.create_default_context(cafile=str(stage.certificate))
    with httpx.Client(base_url=stage.url, verify=tls, trust_env=False, timeout=20) as client:
        return [
            *_protocols(stage),
            *_headers(client),
            *_limits(client),
            *_plain(stage),
        ]


def _protocols(stage: Stage) -> Iterator[Look]:
    tls = ssl.create_default_context(cafile=str(stage.certificate))
    tls.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection((HOST, stage.https)) as raw, tls.wrap_socket(raw, server_hostname=HOST) as secured:
        agreed = secured.selected_alpn_protocol()
        yield "HTTP/2 is agreed on", agreed == "h2", str(agreed)
        yield "TLS is 1.2 or 1.3", secured.version() in {"TLSv1.2", "TLSv1.3"}, str(secured.version())
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((HOST, stage.https)) as raw:
            tls.wrap_socket(raw, server_hostname="elsewhere.example").close()
    except ssl.SSLError as refusal:
        yield "a name that is not ours gets no handshake", True, str(refusal)
    else:
        yield "a name that is not ours gets no handshake", False, "it got one"


def _headers(client: httpx.Client) -> Iterator[Look]:
    once = ("strict-transport-security", "x-content-type-options", "referrer-policy", "x-request-id")
    for path in ("/api/v1/time", reverse("admin:login"), "/static/admin/css/base.css"):
        answer = client.get(path, headers={"X-Request-ID": "mine-1"})
        names = once if not path.startswith("/static") else once[:3]
        counts = {name: len(answer.headers.get_list(name)) for name in names}
        yield f"{path} has each security header once", set(counts.values()) == {1}, str(counts)
    answer = client.get("/api/v1/time", headers={"X-Request-ID": "mine-1"})
    yield "a client's own request id comes back", answer.headers["x-request-id"] == "mine-1", str(answer.headers)
    answer = client.get(reverse("admin:index"), follow_redirects=False)
    yield "pages know that they are on https", answer.status_code == 302, f"{answer.status_code} {answer.headers}"


def _limits(client: httpx.Client) -> Iterator[Look]:
    answer = client.post("/api/v1/orders", content=b"x" * (1 << 20) + b"x")
    yield "too large a body is a problem", _is_problem(answer, 413, "payload_too_large"), answer.text[:200]
    answers = [client.post("/api/v1/auth/login", json={"email": "a@iqx.example", "password": "x"}) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429 and "retry-after" in answer.headers]
    yield "a flood of log-ins is a problem", any(_is_problem(a, 429, "throttled") for a in refused), str(answers)


def _is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    if answer.status_code != status or answer.headers["content-type"] != "application/problem+json":
        return False
    problem = answer.json()
    return bool(problem["code"] == code and problem["request_id"] == answer.headers["x-request-id"])


def _plain(stage: Stage) -> Iterator[Look]:
    with httpx.Client(base_url=f"http://127.0.0.1:{stage.http}", trust_env=False) as client:
        answer = client.get("/some/page?x=1", headers={"Host": HOST})
        target = answer.headers.get("location", "")
        yield "http goes to https", answer.status_code == 308 and target == f"https://{HOST}/some/page?x=1", target
