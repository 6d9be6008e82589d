"""Forms with files: as strict as JSON, and bounded while they are read."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from iqx.core.api import multipart
from iqx.core.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.api.endpoints")]

Part = tuple[str, bytes]
TEXT: Part = ('name="text"', b"a")
FILE: Part = ('name="file"; filename="f.txt"\r\nContent-Type: text/plain', b"content")


def assert_problem(answer: Any, status: int, code: str) -> Any:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    return problem


def send(user_id: UUID, *parts: Part, media_type: str = "multipart/form-data; boundary=x") -> Any:
    body = (
        b"".join(
            b"--x\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
            for head, content in parts
        )
        + b"--x--\r\n"
    )
    headers = {"Authorization": f"Test {user_id}"}
    return Client().generic("POST", "/api/v1/notes/upload", body, content_type=media_type, headers=headers)


def test_a_form_is_read(user_id: UUID) -> None:
    assert send(user_id, TEXT, FILE).status_code == 201
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "parts",
    [
        [TEXT, TEXT],
        [('name="text"', b"\0")],
        [('name="te\0xt"', b"a")],
        [(f'name="text{number}"', b"a") for number in range(101)],
    ],
    ids=["twice", "NUL", "NUL in a name", "too many fields"],
)
def test_what_is_ambiguous_or_too_much_is_refused(user_id: UUID, parts: list[Part]) -> None:
    assert send(user_id, *parts).status_code in {400, 413}
    assert not Event.objects.exists()


def test_a_boundary_that_makes_no_sense_is_refused(user_id: UUID) -> None:
    assert_problem(send(user_id, TEXT, media_type="multipart/form-data; boundary=\u00e9"), 400, "malformed")
    assert_problem(send(user_id, TEXT, media_type="multipart/form-data"), 400, "malformed")


def test_a_file_is_not_read_beyond_its_bound(user_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "MAX_BYTES", 6)
    problem = assert_problem(send(user_id, TEXT, FILE), 413, "file_too_large")
    assert problem["limit"] == 6


def test_too_many_files_and_too_long_texts_are_refused(user_id: UUID, settings: Any) -> None:
    files = [(f'name="f{number}"; filename="f"', b"x") for number in range(6)]
    assert_problem(send(user_id, *files), 413, "payload_too_large")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert_problem(send(user_id, ('name="text"', b"a" * 100)), 413, "payload_too_large")
