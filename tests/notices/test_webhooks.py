"""Webhooks: proven by a challenge, signed, tried again, given up, switched off, and sent once more."""

from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier

from accounts.models import User
from iqx.core.events import user_stream
from iqx.core.models import Event
from iqx.notices import posting, selectors, webhooks
from iqx.notices.dispatch import Dispatcher
from iqx.notices.models import Delivery, Notice, Webhook
from iqx.notices.posting import LEASE, PAUSES, claim_due, note, send_webhooks
from iqx.notices.services import LOG_KEPT, purge
from tests.factories.orders import MovedClock
from tests.notices.conftest import TRADE, challenges_due, client_of, happen
from tests.notices.servers import HttpServer, Subscriber

pytestmark = pytest.mark.django_db

HOOKS = "/api/v1/webhooks"


def make(user: User, url: str, **body: Any) -> Any:
    return client_of(user).post(HOOKS, {"url": url, **body}, format="json")


def pay(user: User, times: int = 1) -> None:
    """Let an event happen and be dispatched."""
    happen(user, *[("trade_paid", TRADE)] * times)
    Dispatcher().round()


def state() -> tuple[str, int]:
    delivery = Delivery.objects.get(route="webhook", event="trade_paid")
    return delivery.state, delivery.attempts


def test_a_webhook_is_made_challenged_and_gets_signed_events(user: User, subscriber: Subscriber) -> None:
    answer = make(user, f"{subscriber.url}/iqx", events=["trade_paid"], description="My bot")
    assert answer.status_code == 201
    made = answer.json()
    secret = made.pop("secret")
    assert made["status"] == "verifying"
    assert client_of(user).get(f"{HOOKS}/{made['id']}").json() == made
    assert secret not in Webhook.objects.get().secret
    assert challenges_due() == [made["id"]]
    pay(user)  # too early: nobody has proven yet that he wants it
    assert webhooks.challenge(Webhook.objects.get().pk)
    assert client_of(user).get(HOOKS).json()["results"][0]["status"] == "active"

    happen(user, ("wallet_updated", {}))
    pay(user)
    assert send_webhooks() == 1
    (asked,) = subscriber.asked
    told = Verifier(secret).verify(asked.body, asked.headers)
    event = Event.objects.filter(stream_id=user_stream(user.pk)).latest("seq")
    assert (told["type"], told["seq"], told["data"]) == ("trade_paid", event.seq, TRADE)
    assert told["timestamp"] == told["at"]
    (line,) = client_of(user).get(f"{HOOKS}/{made['id']}/deliveries").json()["results"]
    assert (line["id"], line["state"], line["attempts"], line["answer"]) == (
        asked.headers["webhook-id"], "sent", 1, "HTTP 200",
    )  # fmt: skip


@pytest.mark.parametrize("answer", [(200, {"challenge": "guess"}), (200, None), (500, None), (302, None), (200, [1])])
def test_an_address_that_does_not_answer_the_challenge_gets_nothing(
    user: User, subscriber: Subscriber, answer: tuple[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Subscriber, "next_answer", HttpServer.next_answer)
    subscriber.answer(*answer)
    hook, _ = webhooks.create_webhook(user=user, url=subscriber.url)
    assert not webhooks.challenge(hook.pk)
    hook.refresh_from_db()
    assert hook.status == "disabled"
    assert hook.reason
    pay(user)
    assert not Delivery.objects.filter(route="webhook").exists()


def test_an_answer_for_the_former_address_counts_for_nothing(user: User, subscriber: Subscriber) -> None:
    hook, _ = webhooks.create_webhook(user=user, url=f"{subscriber.url}/old")
    webhooks.change_webhook(webhook_id=hook.pk, user_id=user.pk, url=f"{subscriber.url}/new")
    assert not webhooks.conclude_challenge(webhook_id=hook.pk, url=f"{subscriber.url}/old", fault="")
    hook.refresh_from_db()
    assert hook.status == "verifying"


def test_what_fails_is_tried_again_with_longer_pauses_under_the_same_id(
    user: User, hook: Webhook, subscriber: Subscriber, moved_clock: MovedClock
) -> None:
    subscriber.answer(500)
    pay(user)
    for attempt, pause in enumerate((5, 60, 300), start=1):
        assert send_webhooks() == 1
        assert state() == ("failed", attempt)
        moved_clock.pass_by(pause - 1)
        assert send_webhooks() == 0
        moved_clock.pass_by(1)
    subscriber.answer(204)
    assert send_webhooks() == 1
    assert state() == ("sent", 4)
    assert len({asked.headers["webhook-id"] for asked in subscriber.asked}) == 1
    hook.refresh_from_db()
    assert hook.failures == 0


def test_retry_after_is_heeded(user: User, hook: Webhook, subscriber: Subscriber, moved_clock: MovedClock) -> None:
    subscriber.answer(429, Retry_After="900")
    pay(user)
    send_webhooks()
    moved_clock.pass_by(899)
    assert send_webhooks() == 0
    moved_clock.pass_by(1)
    assert send_webhooks() == 1


def test_a_crash_between_sending_and_noting_sends_again_under_the_same_id(
    user: User, hook: Webhook, subscriber: Subscriber, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(user)
    with monkeypatch.context() as crash:
        crash.setattr(posting, "note", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_webhooks()
    assert state() == ("pending", 1)
    assert send_webhooks() == 0  # until the lease is over it may be under way
    moved_clock.pass_by(LEASE.total_seconds())
    assert send_webhooks() == 1
    assert state() == ("sent", 2)
    assert len({asked.headers["webhook-id"] for asked in subscriber.asked}) == 1


def test_a_result_that_comes_after_the_lease_counts_for_nothing(
    user: User, hook: Webhook, moved_clock: MovedClock
) -> None:
    pay(user)
    (slow,) = claim_due(["webhook"])
    moved_clock.pass_by(LEASE.total_seconds())
    (quick,) = claim_due(["webhook"])
    assert not note(slow, "HTTP 200")
    assert note(quick, "HTTP 200")
    assert state() == ("sent", 2)


def test_a_webhook_that_keeps_failing_is_switched_off_and_its_owner_told(
    user: User, hook: Webhook, subscriber: Subscriber, moved_clock: MovedClock
) -> None:
    subscriber.answer(500)
    pay(user, times=3)
    for pause in (*PAUSES["webhook"], 0):
        assert send_webhooks() >= 1
        moved_clock.pass_by(pause)
        hook.refresh_from_db()
    assert hook.status == "disabled"
    assert set(Delivery.objects.filter(webhook=hook).values_list("state", flat=True)) == {"dead"}
    asked = len(subscriber.asked)
    Dispatcher().round()
    assert send_webhooks() == 0
    told = Notice.objects.get(kind="webhook_disabled")
    assert (told.user, told.facts["url"]) == (user, hook.url)
    assert asked <= 3 * (len(PAUSES["webhook"]) + 1)

    subscriber.answer(200)
    answer = client_of(user).patch(f"{HOOKS}/{hook.pk}", {"active": True}, format="json")
    assert answer.json()["status"] == "verifying"
    assert webhooks.challenge(hook.pk)


def test_a_failure_makes_the_others_wait(
    user: User, hook: Webhook, subscriber: Subscriber, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is down costs an attempt now and then, not one for each event."""
    monkeypatch.setattr(posting, "AT_A_TIME", 2)
    subscriber.answer(503)
    pay(user, times=7)
    assert send_webhooks() == 2
    assert len(subscriber.asked) == 2


def test_what_is_gone_is_switched_off_at_once(user: User, hook: Webhook, subscriber: Subscriber) -> None:
    subscriber.answer(410)
    pay(user)
    send_webhooks()
    hook.refresh_from_db()
    assert (hook.status, state()) == ("disabled", ("dead", 1))


def test_a_delivery_is_sent_once_more_on_demand(user: User, hook: Webhook, subscriber: Subscriber) -> None:
    pay(user)
    delivery = Delivery.objects.get(webhook=hook)
    again = f"{HOOKS}/{hook.pk}/deliveries/{delivery.pk}/redeliver"
    answer = client_of(user).post(again)
    assert (answer.status_code, answer.json()["code"]) == (409, "delivery_under_way")
    send_webhooks()
    assert client_of(user).post(again).json()["state"] == "pending"
    assert send_webhooks() == 1
    first, second = subscriber.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(delivery.pk)
    client_of(user).patch(f"{HOOKS}/{hook.pk}", {"active": False}, format="json")
    answer = client_of(user).post(again)
    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_not_active")
    assert answer.json()["current_status"] == "paused"


def test_a_paused_webhook_gets_nothing(user: User, hook: Webhook, subscriber: Subscriber) -> None:
    pay(user)
    assert client_of(user).patch(f"{HOOKS}/{hook.pk}", {"active": False}, format="json").json()["status"] == "paused"
    pay(user)
    send_webhooks()
    assert subscriber.asked == []
    assert state() == ("dead", 1)


def test_strangers_find_no_webhook(user: User, stranger: User, hook: Webhook) -> None:
    pay(user)
    delivery = Delivery.objects.get(webhook=hook)
    client, mine = client_of(stranger), f"{HOOKS}/{hook.pk}"
    theirs, _ = webhooks.create_webhook(user=stranger, url=hook.url)
    answers = [
        client.get(mine),
        client.patch(mine, {"active": False}, format="json"),
        client.delete(mine),
        client.get(f"{mine}/deliveries"),
        client.post(f"{mine}/deliveries/{delivery.pk}/redeliver"),
        client.post(f"{HOOKS}/{theirs.pk}/deliveries/{delivery.pk}/redeliver"),
        client.get(f"{HOOKS}/{uuid4()}"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    hook.refresh_from_db()
    assert (hook.status, state()) == ("active", ("pending", 0))


def test_a_deleted_webhook_takes_its_log_along(user: User, hook: Webhook) -> None:
    pay(user)
    assert client_of(user).delete(f"{HOOKS}/{hook.pk}").status_code == 204
    assert not Delivery.objects.filter(route="webhook").exists()
    assert send_webhooks() == 0


def test_a_user_has_so_many_webhooks_at_most(user: User, monkeypatch: pytest.MonkeyPatch, hook: Webhook) -> None:
    monkeypatch.setattr(webhooks, "MOST", 1)
    answer = make(user, hook.url)
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (422, "too_many_webhooks", 1)
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    "fault",
    [{"url": ""}, {"url": "x" * 501}, {"events": ["Trade Paid"]}, {"events": "trade_paid"}, {"description": None}],
)
def test_a_webhook_that_makes_no_sense_is_refused(user: User, fault: dict[str, Any]) -> None:
    answer = make(user, **{"url": "https://hooks.example/iqx", **fault})
    assert answer.status_code == 400
    assert not Webhook.objects.exists()


def test_the_log_takes_as_many_queries_for_two_as_for_four(
    user: User, hook: Webhook, django_assert_num_queries: Any
) -> None:
    for length in (2, 4):
        pay(user, times=2)
        client = client_of(user)
        with django_assert_num_queries(2):  # the webhook; the deliveries
            assert len(client.get(f"{HOOKS}/{hook.pk}/deliveries").json()["results"]) == length


def test_how_long_the_oldest_waits_is_known(user: User, hook: Webhook, moved_clock: MovedClock) -> None:
    assert selectors.oldest_undelivered().total_seconds() == 0
    pay(user)
    moved_clock.pass_by(90)
    assert selectors.oldest_undelivered().total_seconds() == pytest.approx(90, abs=1)


def test_the_log_is_kept_for_a_while(user: User, hook: Webhook, moved_clock: MovedClock) -> None:
    pay(user)
    moved_clock.pass_by(LOG_KEPT.total_seconds() + 1)
    purge()
    assert state() == ("pending", 0)  # what is owed is not forgotten
    send_webhooks()
    purge()
    assert not Delivery.objects.filter(webhook=hook).exists()
