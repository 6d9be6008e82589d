import json
import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from iqx.core.api.problems import problem_of
from tests.core.api.conftest import Post
from tests.core.api.endpoints import TooClose

pytestmark = pytest.mark.urls("tests.core.api.endpoints")

MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "errors"}


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) >= MEMBERS
    assert problem["type"] == f"/api/v1/errors/{code}"
    assert problem["request_id"] == response.headers["X-Request-ID"]
    return problem


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("conflict", 409, "test_too_close"),
        ("rule", 422, "rule_violated"),
        ("invalid", 400, "validation_error"),
        ("busy", 503, "busy"),
        ("not_found", 404, "not_found"),
        ("parse", 400, "malformed"),
        ("throttled", 429, "throttled"),
        ("bad_token", 401, "authentication_failed"),
        ("django_denied", 403, "permission_denied"),
        ("django_404", 404, "not_found"),
        ("suspicious", 400, "malformed"),
        ("django_invalid", 400, "validation_error"),
        ("data", 400, "malformed"),
        ("database_away", 503, "busy"),
        ("pool", 503, "busy"),
        ("api_406", 400, "malformed"),
        ("too_big", 413, "payload_too_large"),
        ("unencodable", 400, "malformed"),
        ("api_500", 500, "internal_error"),
        ("bug", 500, "internal_error"),
    ],
)
def test_whatever_is_raised_becomes_a_problem(client: Client, name: str, status: int, code: str) -> None:
    assert_problem(client.get(f"/api/v1/boom/{name}"), status, code)


def test_extra_members_stand_beside_the_standard_ones(client: Client) -> None:
    problem = assert_problem(client.get("/api/v1/boom/conflict"), 409, "test_too_close")
    assert problem["status_seen"] == "open"
    assert problem["detail"] == "Too close."


def test_extra_members_can_not_forge_the_standard_ones() -> None:
    assert problem_of(TooClose(code="other", status=200)).as_json()["code"] == "test_too_close"


def test_invalid_names_its_field(client: Client) -> None:
    problem = assert_problem(client.get("/api/v1/boom/invalid"), 400, "validation_error")
    assert problem["errors"] == [{"field": "colour", "code": "invalid", "detail": "Not a colour."}]


@pytest.mark.parametrize(("name", "seconds"), [("busy", "1"), ("database_away", "5"), ("throttled", "3")])
def test_what_passes_says_when_to_try_again(client: Client, name: str, seconds: str) -> None:
    assert client.get(f"/api/v1/boom/{name}").headers["Retry-After"] == seconds


def test_401_says_how_to_authenticate(client: Client) -> None:
    response = client.get("/api/v1/notes")
    assert_problem(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/v1/boom/bug", "/api/v1/plain-boom"])
def test_a_bug_is_logged_with_its_trace_and_not_shown(
    client: Client, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.ERROR):
        response = client.get(path)
    assert_problem(response, 500, "internal_error")
    assert b"secret" not in response.content
    assert any(record.exc_info and "secret" in str(record.exc_info[1]) for record in caplog.records)


def test_outside_the_api_errors_stay_with_django(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/page")
    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nope", "/api/v1/", "/api/v1/nope/%FF", "/api/v1/notes/no-uuid"]
)
def test_an_unknown_address_is_a_problem(client: Client, path: str) -> None:
    assert_problem(client.get(path), 404, "not_found")
    assert_problem(client.post(path), 404, "not_found")


def test_debug_mode_shows_no_page_under_the_api(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    assert_problem(client.get("/api/nope"), 404, "not_found")
    assert_problem(client.get("/api/v1/plain-boom"), 500, "internal_error")


def test_an_unknown_method_is_refused_with_those_allowed(client: Client) -> None:
    response = client.delete("/api/v1/echo")
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_a_made_up_method_is_refused(client: Client) -> None:
    assert_problem(client.generic("BREW", "/api/v1/echo"), 405, "method_not_allowed")


def test_what_a_page_says_of_methods_is_kept(client: Client) -> None:
    response = client.get("/api/v1/plain-post")
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "malformed"),
        (406, "malformed"),
        (409, "conflict"),
        (422, "rule_violated"),
        (499, "malformed"),
        (500, "internal_error"),
        (503, "busy"),
        (507, "internal_error"),
    ],
)
def test_a_bare_status_is_kept_and_gets_its_problem(client: Client, status: int, code: str) -> None:
    assert_problem(client.get(f"/api/v1/status/{status}"), status, code)


def test_options_answers_with_the_methods(client: Client) -> None:
    response = client.options("/api/v1/echo")
    assert (response.status_code, response.headers["Allow"]) == (204, "POST, OPTIONS")


def test_a_forged_host_is_a_problem(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["iqx.example"]
    assert_problem(client.get("/api/v1/time", headers={"Host": "<script>.example"}), 400, "malformed")


@pytest.mark.parametrize("path", ["/api/v1/echo?x=%00", "/api/v1/echo%00", "/api/v1/boom/a%00b"])
def test_a_nul_in_the_address_is_refused(client: Client, path: str) -> None:
    assert_problem(client.get(path), 400, "malformed")


@pytest.mark.django_db
def test_a_nul_that_reaches_the_database_is_the_clients_fault(client: Client) -> None:
    assert_problem(client.get("/api/v1/nul"), 400, "malformed")


@pytest.mark.django_db(transaction=True)
def test_a_cut_connection_is_busy(client: Client) -> None:
    assert_problem(client.get("/api/v1/killed"), 503, "busy")
    connection.close()
    assert client.get("/api/v1/nul").status_code == 400  # and the next request finds a fresh one


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0"])
def test_the_accept_header_changes_nothing(client: Client, accept: str) -> None:
    response = client.post("/api/v1/echo", "{}", content_type="application/json", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


def test_format_in_the_query_is_left_to_the_view(client: Client) -> None:
    assert client.get("/api/health?format=csv").status_code == 200


def test_validation_lists_every_fault_with_its_path(post: Post) -> None:
    response = post("/api/v1/echo", {"text": "x" * 21, "amount": "1.0000001", "lines": ["1", "0"]})
    problem = assert_problem(response, 400, "validation_error")
    assert {(fault["field"], fault["code"]) for fault in problem["errors"]} == {
        ("text", "max_length"),
        ("amount", "too_many_decimals"),
        ("lines.1", "not_positive"),
    }


@pytest.mark.parametrize("path", ["/api/v1/time", "/api/nope", "/page"])
def test_every_response_has_a_request_id(client: Client, path: str) -> None:
    client.raise_request_exception = False
    first, second = client.get(path), client.get(path)
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_a_valid_request_id_is_kept(client: Client) -> None:
    assert client.get("/api/health", headers={"X-Request-ID": "a.b-c_9"}).headers["X-Request-ID"] == "a.b-c_9"


@pytest.mark.parametrize("theirs", ["", "a b", "x" * 129, "a\u00e9", "a\nb", "<b>"])
def test_an_invalid_request_id_is_replaced(client: Client, theirs: str) -> None:
    assert client.get("/api/health", headers={"X-Request-ID": theirs}).headers["X-Request-ID"] != theirs


def test_log_lines_carry_the_request_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    from iqx.core.logs import ContextFilter

    caplog.handler.addFilter(ContextFilter())
    client.get("/api/v1/boom/bug", headers={"X-Request-ID": "trace-me"})
    assert {getattr(record, "request_id", None) for record in caplog.records} == {"trace-me"}
