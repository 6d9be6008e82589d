import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from iqx.core import clock, idempotency
from iqx.core.models import Event, IdempotencyRecord
from tests.core.api import endpoints
from tests.core.api.conftest import Post, send
from tests.core.api.test_problems import assert_problem

pytestmark = [pytest.mark.urls("tests.core.api.endpoints"), pytest.mark.django_db]

committing = pytest.mark.django_db(transaction=True)


def effects(user_id: UUID) -> int:
    return Event.objects.filter(stream_id=f"user:{user_id}").count()


def replayed(response: Any) -> bool:
    return bool(response.headers.get("Idempotent-Replayed") == "true")


def test_a_repeat_is_answered_as_the_first_and_does_nothing(post: Post, user_id: UUID) -> None:
    first = post("/api/v1/notes", {"text": "a"}, key="k")
    again = post("/api/v1/notes", {"text": "a"}, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (replayed(first), replayed(again)) == (False, True)
    assert effects(user_id) == 1


def test_white_space_and_order_make_no_other_request(user_id: UUID) -> None:
    for body in ('{"text":"a","x":1.0}', '{ "x" : 1.0, "text" : "a" }'):
        response = Client().post(
            "/api/v1/notes",
            body,
            content_type="application/json",
            headers={"Authorization": f"Test {user_id}", "Idempotency-Key": "k"},
        )
        assert response.status_code == 201
    assert effects(user_id) == 1


def test_without_a_key_every_request_counts(post: Post, user_id: UUID) -> None:
    post("/api/v1/notes")
    post("/api/v1/notes")
    assert effects(user_id) == 2
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/notes", {"text": "b"}),
        ("/api/v1/notes/required", {"text": "a"}),
        ("/api/v1/notes?x=1", {"text": "a"}),
    ],
    ids=["body", "path", "query"],
)
def test_a_key_is_not_for_another_request(post: Post, user_id: UUID, path: str, body: dict) -> None:
    post("/api/v1/notes", {"text": "a"}, key="k")
    assert_problem(post(path, body, key="k"), 422, "idempotency_key_reused")
    assert effects(user_id) == 1


def test_a_key_is_its_users_own(post: Post, user_id: UUID) -> None:
    other = uuid4()
    post("/api/v1/notes", {"text": "a"}, key="k")
    assert not replayed(send(other, "/api/v1/notes", {"text": "a"}, key="k"))
    assert (effects(user_id), effects(other)) == (1, 1)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "k\u00e9", "\t"])
def test_a_bad_key_is_refused(post: Post, user_id: UUID, key: str) -> None:
    problem = assert_problem(post("/api/v1/notes", key=key), 400, "validation_error")
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    assert effects(user_id) == 0


def test_a_key_may_be_long(post: Post) -> None:
    assert post("/api/v1/notes", key="~" * 255).status_code == 201


def test_where_money_moves_a_key_is_required(post: Post, user_id: UUID) -> None:
    assert_problem(post("/api/v1/notes/required"), 400, "idempotency_key_required")
    assert effects(user_id) == 0
    assert post("/api/v1/notes/required", key="k").status_code == 201


def test_a_refusal_stores_nothing_and_the_key_may_be_tried_again(post: Post, user_id: UUID) -> None:
    assert_problem(post("/api/v1/notes", {"text": "refused"}, key="k"), 409, "test_too_close")
    assert effects(user_id) == 0
    assert not IdempotencyRecord.objects.exists()
    assert post("/api/v1/notes", {"text": "a"}, key="k").status_code == 201


def test_a_refusal_that_is_returned_rolls_back_too(post: Post, user_id: UUID) -> None:
    assert post("/api/v1/notes", {"text": "answered 409"}, key="k").status_code == 409
    assert effects(user_id) == 0
    assert not IdempotencyRecord.objects.exists()


def test_answers_with_secrets_are_not_stored(post: Post, user_id: UUID) -> None:
    post("/api/v1/notes/secret", key="k")
    post("/api/v1/notes/secret", key="k")
    assert effects(user_id) == 2
    assert not IdempotencyRecord.objects.exists()


def test_the_keys_of_strangers_are_ignored() -> None:
    for _ in range(2):
        assert not replayed(send(None, "/api/v1/notes/stranger", key="k"))
    assert Event.objects.filter(stream_id="user:stranger").count() == 2
    assert not IdempotencyRecord.objects.exists()


def test_the_same_upload_is_the_same_request_whatever_its_boundary(user_id: UUID) -> None:
    def upload(content: bytes, boundary: str) -> Any:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n'
            f"Content-Type: text/plain\r\n\r\n"
        ).encode() + content
        return Client().generic(
            "POST",
            "/api/v1/notes/upload",
            body + f"\r\n--{boundary}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"Authorization": f"Test {user_id}", "Idempotency-Key": "k"},
        )

    assert upload(b"one", "aaa").status_code == 201
    assert replayed(upload(b"one", "bbb"))
    assert_problem(upload(b"two", "ccc"), 422, "idempotency_key_reused")
    assert effects(user_id) == 1


def test_a_file_can_still_be_read_after_it_was_compared() -> None:
    from iqx.core.api.once import _file_digest

    file = SimpleUploadedFile("f.txt", b"content")
    _file_digest(file)
    assert file.read() == b"content"


def test_a_plain_response_is_replayed_byte_by_byte(post: Post, user_id: UUID) -> None:
    assert [post("/api/v1/bytes", key="k").content for _ in range(2)] == [b'{"plain": true}'] * 2
    assert effects(user_id) == 1


# Two steps


@pytest.fixture
def _no_crash() -> Iterator[None]:
    yield
    endpoints.TwoSteps.crash = False


def test_two_steps_are_replayed_as_one(post: Post, user_id: UUID) -> None:
    first = post("/api/v1/two-steps", {"text": "a"}, key="k")
    again = post("/api/v1/two-steps", {"text": "a"}, key="k")
    assert first.json() == {"seq": 1, "by": "post"}
    assert again.content == first.content
    assert replayed(again)
    assert effects(user_id) == 2


def test_two_steps_work_without_a_key(post: Post, user_id: UUID) -> None:
    assert post("/api/v1/two-steps").status_code == 201
    assert effects(user_id) == 2


@committing
@pytest.mark.usefixtures("_no_crash")
def test_an_answer_lost_between_the_steps_is_rebuilt(post: Post, user_id: UUID) -> None:
    endpoints.TwoSteps.crash = True
    with pytest.raises(KeyboardInterrupt):
        post("/api/v1/two-steps", {"text": "a"}, key="k")
    assert effects(user_id) == 1
    endpoints.TwoSteps.crash = False
    recovered = post("/api/v1/two-steps", {"text": "a"}, key="k")
    assert recovered.json() == {"seq": 1, "by": "recover"}
    assert replayed(recovered)
    assert post("/api/v1/two-steps", {"text": "a"}, key="k").content == recovered.content
    assert effects(user_id) == 1


def test_two_steps_refused_in_the_first_store_nothing(post: Post, user_id: UUID) -> None:
    assert_problem(post("/api/v1/two-steps", {"text": "refused"}, key="k"), 409, "test_too_close")
    assert_problem(post("/api/v1/two-steps", {"text": "answered 409"}, key="k"), 409, "conflict")
    assert effects(user_id) == 0
    assert not IdempotencyRecord.objects.exists()


def test_two_steps_that_never_claim_are_a_fault_of_the_program(post: Post) -> None:
    assert_problem(post("/api/v1/forgets", key="k"), 500, "internal_error")


def test_two_steps_that_can_not_recover_are_a_fault_of_the_program(post: Post) -> None:
    assert_problem(post("/api/v1/forgets-to-recover", key="k"), 409, "test_too_close")
    assert_problem(post("/api/v1/forgets-to-recover", key="k"), 500, "internal_error")


# Races, with real commits


def at_once(user_id: UUID, count: int, **kwargs: str) -> list[Any]:
    start = threading.Barrier(count)

    def one(_: int) -> Any:
        try:
            start.wait()
            return send(user_id, "/api/v1/notes", {"text": "a"}, **kwargs)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@committing
def test_of_simultaneous_uses_of_a_key_one_takes_effect(user_id: UUID) -> None:
    responses = at_once(user_id, 8, key="k")
    assert effects(user_id) == 1
    assert sum(response.status_code == 201 and not replayed(response) for response in responses) == 1
    for response in responses:
        if response.status_code != 201:
            assert_problem(response, 409, "idempotency_in_progress")
    assert replayed(send(user_id, "/api/v1/notes", {"text": "a"}, key="k"))


@committing
def test_control_without_a_key_all_take_effect(user_id: UUID) -> None:
    at_once(user_id, 8)
    assert effects(user_id) == 8


@committing
def test_control_without_the_lock_only_the_unique_key_stops_the_others(
    user_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(4)

    def no_lock(_: idempotency.KeyedRequest) -> bool:
        return True

    def look_together(_: idempotency.KeyedRequest) -> None:
        together.wait(10)

    monkeypatch.setattr(idempotency, "_try_lock", no_lock)
    monkeypatch.setattr(idempotency, "_refuse_repeat", look_together)
    statuses = Counter(response.status_code for response in at_once(user_id, 4, key="k"))
    assert statuses == {201: 1, 500: 3}
    assert effects(user_id) == 1


@committing
def test_a_repeat_while_the_first_runs_is_told_so(user_id: UUID) -> None:
    endpoints.gate.clear()

    def first() -> Any:
        try:
            return send(user_id, "/api/v1/notes", {"text": "slow"}, key="k")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        while not _somebody_holds_an_advisory_lock():
            assert not running.done()
        assert_problem(send(user_id, "/api/v1/notes", {"text": "slow"}, key="k"), 409, "idempotency_in_progress")
        endpoints.gate.set()
        assert running.result().status_code == 201
    assert replayed(send(user_id, "/api/v1/notes", {"text": "slow"}, key="k"))
    assert effects(user_id) == 1


def _somebody_holds_an_advisory_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


# Keeping and purging


def test_records_are_purged_after_their_time_and_not_before(post: Post, user_id: UUID) -> None:
    post("/api/v1/notes", {"text": "old"}, key="old")
    post("/api/v1/notes", {"text": "new"}, key="new")
    IdempotencyRecord.objects.filter(key="old").update(created_at=clock.now() - idempotency.KEPT - timedelta(minutes=1))
    IdempotencyRecord.objects.filter(key="new").update(created_at=clock.now() - timedelta(hours=24))
    assert idempotency.purge() == 1
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["new"]


def test_a_record_without_answer_and_refs_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="answerable"):
        IdempotencyRecord.objects.create(
            user_id=uuid4(), key="k", endpoint="POST /x", fingerprint="0" * 64, created_at=clock.now()
        )


# Dry runs


def test_a_dry_run_checks_all_and_changes_nothing(post: Post, user_id: UUID) -> None:
    response = post("/api/v1/notes?validate_only=true", {"text": "a"})
    assert (response.status_code, response.json()) == (200, {"seq": 1})
    assert effects(user_id) == 0
    assert_problem(post("/api/v1/notes?validate_only=true", {"text": "refused"}), 409, "test_too_close")
    assert post("/api/v1/notes?validate_only=true", {"text": "answered 409"}).status_code == 409
    assert effects(user_id) == 0


@committing
def test_a_dry_run_rings_no_bell(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[dict[str, int]] = []
    monkeypatch.setattr("iqx.core.bell.ring", rung.append)
    post("/api/v1/notes?validate_only=true")
    assert rung == []
    post("/api/v1/notes")
    assert len(rung) == 1


def test_a_dry_run_uses_up_no_key_and_needs_none(post: Post, user_id: UUID) -> None:
    assert post("/api/v1/notes/required?validate_only=true").status_code == 200
    assert post("/api/v1/notes?validate_only=true", key="k").status_code == 200
    assert not IdempotencyRecord.objects.exists()
    assert not replayed(post("/api/v1/notes", key="k"))
    assert effects(user_id) == 1


@pytest.mark.parametrize("path", ["/api/v1/notes?validate_only=yes", "/api/v1/two-steps?validate_only=true"])
def test_a_dry_run_that_is_not_understood_is_refused_rather_than_done(post: Post, user_id: UUID, path: str) -> None:
    problem = assert_problem(post(path), 400, "validation_error")
    assert problem["errors"][0]["field"] == "validate_only"
    assert effects(user_id) == 0
