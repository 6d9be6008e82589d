"""Headers, by the rules that Mozilla publishes for its observatory, with production's own settings.

The settings are read in a process of their own, as production reads them; the answers are this process's, under them.
Scores: https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring. A+ takes 100 points.
"""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import make_user
from tests.web.browsing import browser_of

pytestmark = pytest.mark.django_db

_READ = (
    "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_SSL_REDIRECT",
    "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_HTTPONLY",
)  # fmt: skip
_PRINT = f"""
import json
from iqx import settings
print(json.dumps({{name: getattr(settings, name) for name in {_READ!r}}}))
"""


@pytest.fixture(scope="module")
def of_production() -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IQX_")} | {
        "IQX_ENV": "production",
        "IQX_SECRET_KEY": "x1" * 40,
        "IQX_ENCRYPTION_KEYS": "y2" * 40,
        "IQX_ALLOWED_HOSTS": "iqx.example",
        "IQX_PUBLIC_URL": "https://iqx.example",
    }
    read = subprocess.run([sys.executable, "-c", _PRINT], env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(read.stdout))


@pytest.fixture
def production(of_production: dict[str, Any], settings: Any) -> None:
    for name, value in of_production.items():
        setattr(settings, name, value)


def policy_of(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("address", ["/", "/login", "/help/scams", "/wallet", "/account/security/second-factor"])
def test_the_rules_of_the_observatory_give_full_marks(address: str) -> None:
    browser = browser_of(make_user())
    browser.cookies["__Host-session"] = browser.cookies.pop("sessionid").value
    answer = browser.get(address, secure=True, follow=address == "/login")
    assert answer.status_code == 200

    policy = policy_of(answer)  # +10: default 'none', no inline, no eval, no wide sources
    assert policy["default-src"] == ["'none'"]
    for name in ("script-src", "style-src"):
        assert not {"'unsafe-inline'", "'unsafe-eval'", "https:", "http:", "*", "data:"} & set(policy[name])
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]  # +5 for frame-ancestors
    assert policy["form-action"] == ["'self'"]

    age = re.search(r"max-age=(\d+); includeSubDomains; preload", answer.headers["Strict-Transport-Security"])
    assert age  # +5 where it is preloaded
    assert int(age[1]) >= 15_768_000
    assert answer.headers["Referrer-Policy"] == "same-origin"  # +5
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"  # +10
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"

    body = answer.content.decode()  # no file from elsewhere, and nothing that the policy would refuse
    assert not re.search(r'(?:src|href)="(?:https?:)?//', body)
    assert not re.search(r"\s(?:style|on[a-z]+)=", body)
    nonces = set(re.findall(r'<script[^>]* nonce="([^"]+)"', body))
    assert {f"'nonce-{nonce}'" for nonce in nonces} == set(policy["script-src"])
    assert body.count("<script") == len(re.findall(r'<script[^>]*(?: nonce="|type="application/json")', body))


@pytest.mark.usefixtures("production")
def test_cookies_are_of_this_host_alone_and_plain_requests_are_sent_to_tls() -> None:
    visitor = Client()
    visitor.get("/login", secure=True)
    cookie = visitor.cookies["__Host-csrf"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
    plain = Client().get("/login")
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://testserver/login")


def test_static_files_and_the_api_have_their_headers_too() -> None:
    for address in ("/static/iqx/app.css", "/api/v1/time"):
        answer = Client().get(address)
        assert answer.status_code == 200
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()
