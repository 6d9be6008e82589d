"""Ratings after a trade: once for each party, public, and never changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from accounts.models import User
from tests.concurrency.races import meet_after
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import auth_client, make_user
from tests.factories.locks import without_locks
from tests.factories.orders import MovedClock, trade_between
from tests.factories.racing import at_once
from trades import feedback
from trades.feedback import RATEABLE, WINDOW, give_feedback
from trades.models import Feedback, Trade
from trades.reputation import roll_up_records

__all__ = ["without_locks"]

pytestmark = pytest.mark.django_db


def rate(client: APIClient, trade: Trade, rating: Any = 5, **body: Any) -> Any:
    return client.post(f"/api/v1/trades/{trade.id}/feedback", {"rating": rating, **body}, format="json")


def refused(client: APIClient, trade: Trade, status: int, code: str, **body: Any) -> None:
    before = snapshot()
    answer = rate(client, trade, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert snapshot() == before


def test_each_party_rates_the_other_once_and_everybody_reads_it(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="released")
    answer = rate(auth_client(buyer), trade, 4, comment="Released at once.")
    assert answer.status_code == 201
    assert rate(auth_client(seller), trade, 5).status_code == 201
    refused(auth_client(buyer), trade, 409, "feedback_given")

    roll_up_records()
    anyone = APIClient()
    profile = anyone.get(f"/api/v1/traders/{seller.id}").json()
    assert (profile["rating"], profile["ratings"], profile["completed_trades"]) == ("4.00", 1, 1)
    (said,) = anyone.get(f"/api/v1/traders/{seller.id}/feedback").json()["results"]
    assert said == answer.json()
    assert (said["author"]["id"], said["comment"]) == (str(buyer.id), "Released at once.")
    assert seller.email not in str(profile)


@pytest.mark.parametrize("status", Trade.Status)
def test_only_trades_that_were_sold_or_ruled_on_are_rated(seller: User, buyer: User, status: Trade.Status) -> None:
    trade = trade_between(seller, buyer, status=status)
    if status in RATEABLE:
        assert rate(auth_client(buyer), trade).status_code == 201
    else:
        refused(auth_client(buyer), trade, 409, "trade_wrong_status")


def test_it_can_be_too_late(seller: User, buyer: User, moved_clock: MovedClock) -> None:
    trade = trade_between(seller, buyer, status="released")
    moved_clock.pass_by((WINDOW + timedelta(seconds=1)).total_seconds())
    refused(auth_client(buyer), trade, 409, "feedback_closed")


def test_a_stranger_rates_nothing(seller: User, buyer: User) -> None:
    refused(auth_client(make_user()), trade_between(seller, buyer, status="released"), 404, "not_found")


@pytest.mark.parametrize("rating", [0, 6, -1, 1.5, "five", None, []])
def test_a_rating_is_a_whole_number_from_1_to_5(seller: User, buyer: User, rating: Any) -> None:
    trade = trade_between(seller, buyer, status="released")
    refused(auth_client(buyer), trade, 400, "validation_error", rating=rating)


def test_what_was_said_stays(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="released")
    said = give_feedback(trade_id=trade.id, actor_id=buyer.id, rating=1)
    for change in (lambda: Feedback.objects.update(rating=5), lambda: Feedback.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    said.refresh_from_db()
    assert said.rating == 1


@pytest.mark.parametrize("fields", [{}, {"role": "support"}, {"is_active": False}], ids=str)
def test_who_is_no_trader_has_no_profile(fields: dict[str, Any]) -> None:
    user_id = make_user(**fields).id if fields else "00000000-0000-0000-0000-000000000000"
    for path in (f"/api/v1/traders/{user_id}", f"/api/v1/traders/{user_id}/feedback"):
        assert APIClient().get(path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_ratings_at_once_are_one(seller: User, buyer: User) -> None:
    trade = trade_between(seller, buyer, status="released")
    calls = [lambda: give_feedback(trade_id=trade.id, actor_id=buyer.id, rating=3)] * 2
    assert sorted(type(outcome).__name__ for outcome in at_once(calls)) == ["Feedback", "FeedbackGiven"]
    assert Feedback.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_locks_only_the_unique_key_stops_the_second(
    seller: User, buyer: User, without_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = trade_between(seller, buyer, status="released")
    meet_after(monkeypatch, feedback, "_other")
    calls = [lambda: give_feedback(trade_id=trade.id, actor_id=buyer.id, rating=3)] * 2
    assert sorted(type(outcome).__name__ for outcome in at_once(calls)) == ["Feedback", "IntegrityError"]
