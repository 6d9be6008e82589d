import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from iqx.core.api.pagination import paginate
from iqx.core.errors import Invalid
from iqx.core.models import Event, IdempotencyRecord, Stream
from tests.core.api.test_problems import assert_problem

pytestmark = [pytest.mark.urls("tests.core.api.endpoints"), pytest.mark.django_db]

AddNotes = Callable[..., None]


@pytest.fixture
def add_notes(user_id: UUID) -> AddNotes:
    stream, _ = Stream.objects.get_or_create(name=f"user:{user_id}")

    def add(*seqs: int) -> None:
        now = datetime.now(UTC)
        Event.objects.bulk_create(Event(stream=stream, seq=seq, type="note", data={}, at=now) for seq in seqs)

    return add


@pytest.fixture
def get(client: Client, user_id: UUID) -> Callable[[str], Any]:
    return lambda url: client.get(url, headers={"Authorization": f"Test {user_id}"})


def seqs(page: dict[str, Any]) -> list[int]:
    return [row["seq"] for row in page["results"]]


def test_pages_lead_to_the_end_and_back(get: Any, add_notes: AddNotes) -> None:
    add_notes(*range(1, 8))
    pages = [get("/api/v1/notes?limit=3").json()]
    while pages[-1]["next"]:
        pages.append(get(pages[-1]["next"]).json())
    assert [seqs(page) for page in pages] == [[7, 6, 5], [4, 3, 2], [1]]
    assert pages[0]["previous"] is None
    back = get(pages[-1]["previous"]).json()
    assert seqs(back) == [4, 3, 2]
    first = get(back["previous"]).json()
    assert seqs(first) == [7, 6, 5]
    assert first["previous"] is None
    assert seqs(get(first["next"]).json()) == [4, 3, 2]


def test_rows_added_meanwhile_neither_repeat_nor_hide_others(get: Any, add_notes: AddNotes) -> None:
    add_notes(1, 2, 3, 4)
    page = get("/api/v1/notes?limit=2").json()
    add_notes(5, 6)
    assert seqs(get(page["next"]).json()) == [2, 1]


def test_an_exact_page_has_no_next(get: Any, add_notes: AddNotes) -> None:
    add_notes(1, 2)
    assert get("/api/v1/notes?limit=2").json()["next"] is None


def test_an_empty_list_is_a_page(get: Any) -> None:
    assert get("/api/v1/notes").json() == {"results": [], "next": None, "previous": None}


def test_links_are_absolute_and_keep_the_query(get: Any, add_notes: AddNotes) -> None:
    add_notes(1, 2)
    link = get("/api/v1/notes?limit=1&side=buy").json()["next"]
    assert link.startswith("http://testserver/api/v1/notes?")
    assert "limit=1" in link
    assert "side=buy" in link


def test_fifty_rows_are_a_page_and_200_the_most(get: Any, add_notes: AddNotes) -> None:
    add_notes(*range(1, 251))
    assert len(get("/api/v1/notes").json()["results"]) == 50
    assert len(get("/api/v1/notes?limit=200").json()["results"]) == 200


@pytest.mark.parametrize("limit", ["0", "-1", "201", "9" * 30, "ten", "", "1.5", "1e2", "\u0661", " 5"])
def test_another_limit_is_refused(get: Any, limit: str) -> None:
    problem = assert_problem(get(f"/api/v1/notes?limit={limit}"), 400, "validation_error")
    assert problem["errors"][0]["field"] == "limit"


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "%FF", "\u00e9", "A" * 300, encoded("1"), encoded("=1"), encoded(">"), encoded(">x"), encoded(">1 OR 1")],
)
def test_a_cursor_that_is_not_ours_is_refused(get: Any, cursor: str) -> None:
    problem = assert_problem(get(f"/api/v1/notes?cursor={cursor}"), 400, "validation_error")
    assert problem["errors"][0]["field"] == "cursor"


def test_a_cursor_beyond_all_numbers_finds_what_is_there(get: Any, add_notes: AddNotes) -> None:
    add_notes(1)
    assert get(f"/api/v1/notes?cursor={encoded('>' + '9' * 60)}").status_code == 200
    assert get(f"/api/v1/notes?cursor={encoded('<' + '9' * 60)}").status_code == 200


def test_a_page_costs_one_query_whatever_the_length(
    get: Any, add_notes: AddNotes, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    add_notes(*range(1, 11))
    with django_assert_num_queries(1):
        page = get("/api/v1/notes?limit=5").json()
    add_notes(*range(11, 21))
    with django_assert_num_queries(1):
        get("/api/v1/notes?limit=10")
    with django_assert_num_queries(1):
        get(page["next"])


# Other columns


def _walk(queryset: QuerySet[Any, Any], order: str, field: str, step: int = 2) -> list[Any]:
    """All values of `field`, page by page to the end, and the same back again."""
    factory = APIRequestFactory()

    def page(url: str) -> dict[str, Any]:
        data = paginate(Request(factory.get(url)), queryset, lambda row: {"value": _get(row, field)}, order).data
        assert isinstance(data, dict)
        return data

    pages = [page(f"/?limit={step}")]
    while pages[-1]["next"]:
        pages.append(page(pages[-1]["next"]))
    backwards = [pages[-1]]
    while backwards[-1]["previous"]:
        backwards.append(page(backwards[-1]["previous"]))
    assert [p["results"] for p in backwards[::-1]] == [p["results"] for p in pages]
    return [row["value"] for p in pages for row in p["results"]]


def _get(row: Any, field: str) -> Any:
    return row[field] if isinstance(row, dict) else getattr(row, field)


@pytest.fixture
def records() -> list[IdempotencyRecord]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return IdempotencyRecord.objects.bulk_create(
        IdempotencyRecord(
            user_id=uuid4(),
            key=str(n),
            endpoint="POST /x",
            fingerprint="0",
            status=200,
            created_at=start + timedelta(microseconds=n),
        )
        for n in range(5)
    )


@pytest.mark.parametrize("field", ["id", "user_id", "created_at", "key"])
@pytest.mark.parametrize("as_dicts", [False, True])
def test_any_unique_column_orders_a_list(records: list[IdempotencyRecord], field: str, as_dicts: bool) -> None:
    queryset = IdempotencyRecord.objects.values() if as_dicts else IdempotencyRecord.objects.all()
    values = sorted(getattr(record, field) for record in records)
    assert _walk(queryset, field, field) == values
    assert _walk(queryset, f"-{field}", field) == values[::-1]


@pytest.mark.parametrize(
    ("order", "value"), [("created_at", "2026-01-01T00:00:00"), ("user_id", "17"), ("id", "1" * 9 + "x")]
)
def test_a_cursor_of_another_list_is_refused(order: str, value: str) -> None:
    request = Request(APIRequestFactory().get("/", {"cursor": encoded(f">{value}")}))
    with pytest.raises(Invalid):
        paginate(request, IdempotencyRecord.objects.all(), dict, order)


def test_links_keep_the_host_of_the_client(
    get: Any, add_notes: AddNotes, settings: Settings, client: Client, user_id: UUID
) -> None:
    settings.ALLOWED_HOSTS = ["iqx.example"]
    add_notes(1, 2)
    page = client.get(
        "/api/v1/notes?limit=1", headers={"Authorization": f"Test {user_id}", "Host": "iqx.example"}
    ).json()
    assert page["next"].startswith("http://iqx.example/")
