"""The transition table, walked: every state, every action, every actor."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from iqx.core.errors import DomainError
from iqx.core.models import Event
from tests.factories.orders import WAY_TO, act, bring_to, trade_between
from trades.clocks import AT_DEADLINE
from trades.errors import NotYourStep, WrongTradeStatus
from trades.escrow import OWNER, TRANSITIONS, Action, Actor, Status
from trades.models import Step, Trade, Transaction
from wallets.audit import audit
from wallets.models import Entry, Wallet

pytestmark = pytest.mark.django_db

FINAL = {Status.RELEASED, Status.CANCELLED, Status.REFUNDED, Status.SPLIT}
EVERY_STEP = list(product(Status, Action, Actor))


def test_every_state_is_final_or_has_a_deadline_and_an_owner() -> None:
    live = set(Status) - FINAL
    assert set(Trade.LIVE) == set(OWNER) == set(AT_DEADLINE) == live
    for status in live:
        assert any(key[0] == status and key[2] == OWNER[status] for key in TRANSITIONS)
        assert (status, AT_DEADLINE[status], Actor.SYSTEM) in TRANSITIONS


def test_nothing_leaves_a_final_state_and_everything_can_reach_one() -> None:
    assert not {key[0] for key in TRANSITIONS} & FINAL
    ends = set(FINAL)
    for _ in Status:
        ends |= {key[0] for key, transition in TRANSITIONS.items() if transition.to in ends}
    assert ends == set(Status)


def test_only_states_with_a_clock_live_on() -> None:
    for transition in TRANSITIONS.values():
        assert (transition.clock is None) == (transition.to in FINAL)
        assert (transition.failed is not None) == (transition.to in {Status.CANCELLED, Status.REFUNDED})


def test_a_timer_never_pays_anybody() -> None:
    for (_, _, actor), transition in TRANSITIONS.items():
        if actor is Actor.SYSTEM:
            assert transition.to not in {Status.RELEASED, Status.REFUNDED, Status.SPLIT}


def test_only_the_seller_and_staff_part_with_the_escrow() -> None:
    payers = {(key[1], key[2]) for key, t in TRANSITIONS.items() if t.to in {Status.RELEASED, Status.SPLIT}}
    assert payers == {
        (Action.RELEASE, Actor.SELLER),
        (Action.RULE_RELEASE, Actor.STAFF),
        (Action.RULE_SPLIT, Actor.STAFF),
    }


def world(trade: Trade) -> dict[str, Any]:
    """Everything that a step in a trade may change."""
    return {
        "trade": Trade.objects.filter(pk=trade.pk).values().get(),
        "steps": Step.objects.count(),
        "receipts": Transaction.objects.count(),
        "wallets": list(Wallet.objects.order_by("pk").values()),
        "entries": Entry.objects.count(),
        "events": Event.objects.count(),
    }


@pytest.mark.parametrize("status", Status)
def test_what_is_not_in_the_table_is_refused_and_changes_nothing(status: Status, seller: User, buyer: User) -> None:
    trade = bring_to(trade_between(seller, buyer), status)
    before = world(trade)
    possible = {key[1:] for key in TRANSITIONS}
    for action, actor in product(Action, Actor):
        if (status, action, actor) in TRANSITIONS:
            continue
        with pytest.raises(WrongTradeStatus if (action, actor) in possible else NotYourStep) as refusal:
            act(trade.id, action, actor)
        if isinstance(refusal.value, WrongTradeStatus):
            assert refusal.value.extra == {"current_status": status}
    assert world(trade) == before


@pytest.mark.parametrize(("step", "transition"), TRANSITIONS.items(), ids=lambda value: str(value)[:60])
def test_what_is_in_the_table_is_done_and_written_down(step: Any, transition: Any, seller: User, buyer: User) -> None:
    status, action, actor = step
    trade = bring_to(trade_between(seller, buyer), status)
    split = {"buyer_amount": trade.amount / 4} if transition.to == Status.SPLIT else {}
    after = act(trade.id, action, actor, note="As agreed", **split)
    stored = Trade.objects.get(pk=trade.pk)
    assert (stored.status, stored.version) == (transition.to, trade.version + 1)
    assert (stored.deadline is None) == (stored.closed_at is not None) == (transition.to in FINAL)
    assert after.status == stored.status
    newest = stored.steps.latest("id")
    assert (newest.action, newest.actor, newest.status, newest.note) == (action, actor, transition.to, "As agreed")
    this = {"id": str(trade.id), "version": stored.version}
    told = {
        event.stream_id for event in Event.objects.filter(type=transition.notice) if event.data.items() >= this.items()
    }
    assert told == {f"user:{buyer.id}", f"user:{seller.id}"}
    assert audit() == []


def test_the_shortest_ways_lead_everywhere() -> None:
    """Control: the two tests above start from every state."""
    assert set(WAY_TO) == set(Status)


def test_a_trade_that_is_not_there_is_not_found() -> None:
    with pytest.raises(DomainError) as refusal:
        act(UUID(int=1), Action.CANCEL, Actor.BUYER)
    assert refusal.value.status == 404
