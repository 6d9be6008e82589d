"""Notices in the app: read, counted, marked as read; and how one wants to be told."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from iqx.notices import services
from iqx.notices.catalogue import KINDS, Channel
from iqx.notices.models import Notice, Preferences
from tests.factories.accounts import make_user
from tests.factories.orders import MovedClock
from tests.notices.conftest import TRADE, client_of, happen, tell

pytestmark = pytest.mark.django_db

LIST, READ, PREFERENCES = (
    f"/api/v1/{path}" for path in ("notifications", "notifications/read", "notification-preferences")
)


def listed(user: User, **query: str) -> Any:
    answer = client_of(user).get(LIST, query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def patch(user: User, **body: Any) -> Any:
    return client_of(user).patch(PREFERENCES, body, format="json")


def test_a_notice_says_what_happened(user: User) -> None:
    notice = tell(user)
    assert notice
    page = listed(user)
    assert page["unread"] == 1
    (shown,) = page["results"]
    assert shown["id"] == str(notice.id)
    assert (shown["kind"], shown["group"], shown["urgent"], shown["read_at"]) == ("trade_paid", "trades", True, None)
    assert shown["title"] == "Trade IQX-HRTN2ZVPNF: the buyer says that he has paid"
    assert shown["body"].startswith("Look into your account for 92.75 EUR from Bob.")
    assert shown["about"] == {"kind": "trade", "id": TRADE["id"]}


def test_notices_are_marked_as_read(user: User, stranger: User) -> None:
    first, second = tell(user), tell(user, "trade_opened")
    theirs = tell(stranger)
    assert first
    assert second
    assert theirs
    answer = client_of(user).post(READ, {"ids": [str(first.id), str(theirs.id), str(uuid4())]}, format="json")
    assert answer.json() == {"unread": 1}
    assert [row["id"] for row in listed(user, unread="true")["results"]] == [str(second.id)]
    assert [row["id"] for row in listed(user, unread="false")["results"]] == [str(first.id)]
    assert client_of(user).post(READ, {"all": True}, format="json").json() == {"unread": 0}
    assert listed(stranger)["unread"] == 1
    assert theirs.read_at is None


@pytest.mark.parametrize("body", [{}, {"all": False}, {"all": True, "ids": []}, {"ids": ["x"]}, {"ids": "x"}])
def test_what_to_read_is_said_in_one_way(user: User, body: dict[str, Any]) -> None:
    tell(user)
    assert client_of(user).post(READ, body, format="json").status_code == 400
    assert listed(user)["unread"] == 1


def test_a_filter_that_makes_no_sense_is_refused(user: User) -> None:
    assert client_of(user).get(LIST, {"unread": "maybe"}).json()["errors"][0]["field"] == "unread"


def test_the_list_takes_as_many_queries_for_two_as_for_four(user: User, django_assert_num_queries: Any) -> None:
    for length in (2, 4):
        happen(user, ("trade_paid", TRADE))
        tell(user)
        client = client_of(user)
        with django_assert_num_queries(3):  # preferences; notices; unread
            assert len(client.get(LIST).json()["results"]) == length


def test_everything_can_be_chosen_and_read_back(user: User) -> None:
    changed = patch(
        user,
        language="fr",
        time_zone="Europe/Paris",
        quiet_hours={"from": "22:00", "until": "07:00"},
        notices={"trade_opened": {"email": False, "sms": True}},
    ).json()
    assert changed == client_of(user).get(PREFERENCES).json()
    assert (changed["language"], changed["time_zone"]) == ("fr", "Europe/Paris")
    assert changed["quiet_hours"] == {"from": "22:00", "until": "07:00"}
    assert changed["notices"]["trade_opened"] == {"in_app": True, "email": False, "sms": True, "push": True}
    assert patch(user, quiet_hours=None).json()["quiet_hours"] is None
    kept = patch(user, notices={"trade_opened": {"push": False}}).json()
    assert kept["notices"]["trade_opened"] == {"in_app": True, "email": False, "sms": True, "push": False}


def test_what_is_switched_off_is_not_shown_in_the_app(user: User) -> None:
    patch(user, notices={"trade_paid": {"in_app": False}})
    assert tell(user)
    assert listed(user) == {"results": [], "next": None, "previous": None, "unread": 0}


@pytest.mark.parametrize(
    ("kind", "channel"), [(kind.code, channel) for kind in KINDS for channel in sorted(kind.locked)]
)
def test_security_notices_cannot_be_switched_off(user: User, kind: str, channel: str) -> None:
    answer = patch(user, language="vi", notices={kind: {channel: False}})
    assert (answer.status_code, answer.json()["code"]) == (422, "notice_locked")
    assert (answer.json()["kind"], answer.json()["channel"]) == (kind, channel)
    assert not Preferences.objects.exists()


def test_every_security_notice_is_locked() -> None:
    for kind in KINDS:
        assert bool(kind.locked) == (kind.group == "security"), kind.code
        assert kind.locked <= kind.channels


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"language": "de"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"quiet_hours": {"from": "22:00", "until": "22:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "22:00"}}, "quiet_hours.until"),
        ({"quiet_hours": {"from": "25:00", "until": "07:00"}}, "quiet_hours.from"),
        ({"notices": {"nonsense": {"email": True}}}, "notices.nonsense"),
        ({"notices": {"trade_paid": {"pigeon": True}}}, "notices.trade_paid.pigeon"),
    ],
)
def test_preferences_that_make_no_sense_change_nothing(user: User, body: dict[str, Any], field: str) -> None:
    answer = patch(user, **body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not Preferences.objects.exists()


def test_strangers_to_the_platform_are_told_nothing() -> None:
    assert [APIClient().get(path).status_code for path in (LIST, PREFERENCES)] == [401, 401]


def test_old_notices_go(user: User, moved_clock: MovedClock) -> None:
    tell(user)
    assert services.purge() == 0
    moved_clock.pass_by(services.KEPT.total_seconds() + 1)
    services.purge()
    assert not Notice.objects.exists()


def test_every_channel_of_the_catalogue_is_in_the_preferences(user: User) -> None:
    ours = {"staff_overdue", "staff_flagged", "staff_asked", "staff_decided"}
    for person, hidden in ((user, ours), (make_user(role="support"), set())):
        shown = client_of(person).get(PREFERENCES).json()
        kinds = {entry["kind"] for entry in shown["catalogue"]}
        assert kinds == set(shown["notices"]) == {kind.code for kind in KINDS} - hidden
    assert all(set(channels) == set(Channel.values) for channels in shown["notices"].values())
