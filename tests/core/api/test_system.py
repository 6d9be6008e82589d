import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as live_settings
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from drf_spectacular.drainage import warn
from pytest_django import DjangoAssertNumQueries, Settings

from iqx.core import clock
from iqx.core.api import catalog
from iqx.core.errors import DomainError
from iqx.core.models import Event, IdempotencyRecord, QuotaCounter, Stream
from tests.core.api.test_problems import assert_problem
from tests.factories.accounts import make_user


@pytest.mark.django_db
def test_health_asks_nobody(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = client.get("/api/health", headers={"Authorization": "Bearer stale"})
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert re.fullmatch(r"\d+\.\d+\.\d+", response.json()["version"])


def test_health_is_told_by_whatever_name_and_scheme(client: Client, settings: Settings) -> None:
    """As in production: a container's health check knows an address, and no TLS."""
    settings.ALLOWED_HOSTS = ["iqx.example"]
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/api/health", headers={"Host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.headers["X-Request-ID"]
    assert_problem(client.post("/api/health", headers={"Host": "10.0.0.7:8000"}), 405, "method_not_allowed")
    assert_problem(client.get("/api/v1/time", headers={"Host": "10.0.0.7:8000"}), 400, "malformed")


@pytest.mark.django_db
def test_the_clock_is_utc(client: Client) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", client.get("/api/v1/time").json()["time"])


@pytest.mark.django_db
def test_the_type_of_a_problem_leads_to_its_description(client: Client) -> None:
    kind = client.get("/api/v1/nope").json()["type"]
    description = client.get(kind).json()
    assert (description["code"], description["status"], description["type"]) == ("not_found", 404, kind)
    assert_problem(client.get("/api/v1/errors/nope"), 404, "not_found")


@pytest.mark.django_db
def test_the_home_page_leads_to_docs_and_staff_to_their_pages(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'href="/api/v1/docs"' in page
    assert 'href="/admin/"' not in page
    client.force_login(make_user(role="support"))
    assert 'href="/admin/"' in client.get("/").content.decode()


# The old address of the auth endpoints


@pytest.mark.django_db
def test_the_old_auth_address_works_and_says_that_it_is_old(client: Client) -> None:
    body = {"email": "a@iqx.example", "password": "long-enough-pass"}
    new = client.post("/api/v1/auth/login", body, content_type="application/json")
    old = client.post("/api/auth/login", body, content_type="application/json")
    assert (old.status_code, old.json()["code"]) == (new.status_code, new.json()["code"])
    assert re.fullmatch(r"@\d+", old.headers["Deprecation"])
    assert old.headers["Link"] == '</api/v1/auth/login>; rel="successor-version"'
    assert "Deprecation" not in new.headers


def test_the_old_address_needs_no_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get("/api/auth/login").status_code == 405


# The catalogue of errors


def test_every_code_has_one_class_and_one_status() -> None:
    errors = catalog.error_classes()
    codes = [error.code for error in errors]
    assert len(codes) == len(set(codes)), sorted(code for code in codes if codes.count(code) > 1)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", code) for code in codes)
    assert all(400 <= error.status < 600 and error.detail != DomainError.detail for error in errors)


def test_the_codes_that_were_promised_exist() -> None:
    promised = {
        "validation_error": 400,
        "malformed": 400,
        "authentication_failed": 401,
        "not_authenticated": 401,
        "permission_denied": 403,
        "not_found": 404,
        "insufficient_funds": 422,
        "limit_exceeded": 422,
        "throttled": 429,
        "busy": 503,
        "idempotency_key_required": 400,
        "idempotency_key_reused": 422,
        "idempotency_in_progress": 409,
    }
    found = {error.code: error.status for error in catalog.error_classes()}
    assert promised.items() <= found.items()


# The OpenAPI document


@pytest.fixture(scope="module")
def document() -> dict:
    from iqx.core.api.schema import openapi_document

    return openapi_document()


def operations(document: dict) -> list[tuple[str, str, dict]]:
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def test_every_operation_documents_its_problems(document: dict) -> None:
    for path, method, operation in operations(document):
        problem = operation["responses"]["429"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/Problem"}, (path, method)
        assert ("404" in operation["responses"]) == ("{" in path or method == "delete")


def test_operation_ids_are_unique_and_say_the_call(document: dict) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert {"get_time", "post_auth_login", "delete_auth_sessions_by_session_id"} <= set(ids)


def test_every_operation_has_a_summary(document: dict) -> None:
    assert [path for path, _, operation in operations(document) if not operation.get("summary")] == []


def test_posts_of_users_document_their_idempotency_key(document: dict) -> None:
    def headers(path: str) -> set[str]:
        parameters = document["paths"][path]["post"].get("parameters", [])
        return {parameter["name"] for parameter in parameters if parameter["in"] == "header"}

    assert headers("/api/v1/auth/logout-all") == {"Idempotency-Key"}
    assert headers("/api/v1/auth/login") == set()


def test_calls_of_users_need_an_access_token_or_a_key(document: dict) -> None:
    assert document["components"]["securitySchemes"]["access_token"]["scheme"] == "bearer"
    assert document["paths"]["/api/v1/orders"]["get"]["security"] == [{"access_token": []}, {"api_key": []}]
    assert "access_token" not in str(document["paths"]["/api/v1/time"]["get"].get("security"))


def test_the_old_auth_address_is_not_in_the_document(document: dict) -> None:
    assert not [path for path in document["paths"] if path.startswith("/api/auth/")]


@pytest.mark.django_db
def test_the_document_is_served(client: Client, document: dict) -> None:
    response = client.get("/api/v1/schema")
    assert response.headers["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json()["paths"].keys() == document["paths"].keys()


@pytest.mark.django_db
def test_the_docs_keep_to_the_content_security_policy(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.content.decode()) == []
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert sources
    assert all(source.startswith("/") for source in sources)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    script = client.get("/api/v1/docs?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema" in script.content


# Generated documents


@pytest.mark.parametrize("command", ["export_errors", "export_schemas"])
def test_a_stale_document_is_found_and_renewed(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"iqx.core.management.commands.{command}")
    target = tmp_path / "document"
    monkeypatch.setattr(module.Command, "target", target)
    with pytest.raises(CommandError, match=f"run manage.py {command}"):
        call_command(command, check=True)
    assert not target.exists()
    call_command(command)
    call_command(command, check=True)
    target.write_text(target.read_text() + "stale")
    with pytest.raises(CommandError):
        call_command(command, check=True)


def test_a_view_that_is_not_described_fails_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(*, for_staff: bool) -> dict[str, Any]:
        warn("unable to guess serializer")
        return {}

    monkeypatch.setattr("iqx.core.management.commands.export_schemas.openapi_document", generate)
    with pytest.raises(CommandError, match="gaps"):
        call_command("export_schemas", check=True)


def test_the_document_is_the_same_from_another_process() -> None:
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from iqx.core.management.commands.export_schemas import Command\n"
        "import hashlib; print(hashlib.sha256(Command().render().encode()).hexdigest())"
    )
    run = [sys.executable, "-c", code]
    digests = {
        subprocess.run(
            run,
            cwd=live_settings.BASE_DIR,
            env={
                "DJANGO_SETTINGS_MODULE": "iqx.settings",
                "PYTHONHASHSEED": seed,
                "DATABASE_URL": "postgresql:///none",
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


# The staff's pages


def one_of_each() -> list[Model]:
    stream = Stream.objects.create(name="user:x", head=1)
    now = clock.now()
    return [
        stream,
        Event.objects.create(stream=stream, seq=1, type="note", data={}, at=now),
        IdempotencyRecord.objects.create(
            user_id=uuid4(), key="k", endpoint="POST /x", fingerprint="0" * 64, status=201, created_at=now
        ),
        QuotaCounter.objects.create(key="orders:x", used=1, resets_at=now),
    ]


@pytest.mark.django_db
def test_staff_can_look_and_not_touch(client: Client) -> None:
    client.force_login(make_user(role="admin"))
    for row in one_of_each():
        name = f"admin:core_{row._meta.model_name}"
        page = reverse(f"{name}_change", args=[row.pk])
        assert client.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
        assert client.get(page).status_code == 200
        assert client.post(page, {"used": 0}).status_code == 403
        assert client.get(reverse(f"{name}_add")).status_code == 403
        assert client.get(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
