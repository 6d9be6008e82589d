"""Use cases of those who block others or keep them in mind, and of staff who tune the rules."""

from typing import Any, Final
from uuid import UUID

from accounts.errors import TooManyRelations, TraderBlocked, YourOwnAccount
from accounts.models import Relation, Rule, RuleChange, TraderRecord, User
from accounts.staff import require_admin, require_staff
from accounts.trust.rules import RULES, parameters_of
from iqx.core import audit, clock
from iqx.core.errors import Invalid, NotAllowed, NotFound
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case

MOST_RELATIONS: Final = 1000


@use_case
def relate(*, owner_id: UUID, other_id: UUID, kind: Relation.Kind) -> tuple[Relation, bool]:
    """Block another, or make him a favourite; and whether that is new. A block takes the place of a favourite.

    Locks: the owner, so that his list does not outgrow its limit.
    Raises: YourOwnAccount, Invalid, TraderBlocked, TooManyRelations, Busy.
    """
    if owner_id == other_id:
        raise YourOwnAccount
    lock_one(LockRank.ACCOUNT, User.objects.filter(pk=owner_id))
    other = User.objects.filter(pk=other_id).first()
    if other is None:
        raise Invalid("There is no such user.", field="user")
    mine = Relation.objects.filter(owner_id=owner_id)
    known = mine.filter(other=other).first()
    if known and known.kind == kind:
        known.other = other
        return known, False
    if known and known.kind == Relation.Kind.BLOCK:
        raise TraderBlocked
    if mine.filter(kind=kind).count() >= MOST_RELATIONS:
        raise TooManyRelations(most=MOST_RELATIONS)
    mine.filter(other=other).delete()
    return Relation.objects.create(owner_id=owner_id, other=other, kind=kind, created_at=clock.now()), True


@use_case
def unrelate(*, owner_id: UUID, other_id: UUID, kind: Relation.Kind) -> None:
    """Take another off one's list. Raises: NotFound: he is not on it."""
    deleted, _ = Relation.objects.filter(owner_id=owner_id, other_id=other_id, kind=kind).delete()
    if not deleted:
        raise NotFound


@use_case
def tune_rule(
    *, code: str, actor: User, reason: str, enabled: bool | None = None, parameters: dict[str, Any] | None = None
) -> Rule:
    """Switch a rule, or change some of its numbers, as an admin and for a reason that is kept.

    Locks: the rule. Raises: NotAllowed, NotFound, Invalid, Busy.
    """
    require_admin(actor)
    spec = RULES.get(code)
    if spec is None:
        raise NotFound
    for name, value in (parameters or {}).items():
        known = spec.parameters.get(name)
        if known is None or not known.accepts(value):
            raise Invalid(known.says if known else "The rule has no such parameter.", field=f"parameters.{name}")
    Rule.objects.get_or_create(code=code)
    (rule,) = lock(LockRank.ACCOUNT, Rule.objects.filter(pk=code))
    before = {"enabled": rule.enabled, "parameters": parameters_of(spec, rule)}
    rule.enabled = rule.enabled if enabled is None else enabled
    rule.parameters |= parameters or {}
    rule.updated_at = clock.now()
    rule.save(update_fields=["enabled", "parameters", "updated_at"])
    RuleChange.objects.create(
        rule=rule,
        actor=actor,
        reason=reason,
        enabled=rule.enabled,
        parameters=parameters_of(spec, rule),
        at=clock.now(),
    )
    after = {"enabled": rule.enabled, "parameters": parameters_of(spec, rule)}
    audit.record("rule_tuned", actor=actor, subject=("rule", code), before=before, after=after, reason=reason)
    return rule


@use_case
def lift_pause(*, user_id: UUID, actor_id: UUID, reason: str = "") -> User:
    """Let somebody trade again, as staff; his failures so far count for no pause any more. Locks: the user."""
    actor = User.objects.filter(pk=actor_id).first()
    if actor is None or actor_id == user_id:
        raise NotAllowed
    require_staff(actor)
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    if user is None:
        raise NotFound
    before = audit.values_of(user, "trading_paused_until")
    user.trading_paused_until = None
    user.save(update_fields=["trading_paused_until"])
    TraderRecord.objects.update_or_create(user=user, defaults={"pardoned_at": clock.now()})
    after = audit.values_of(user, "trading_paused_until")
    audit.record("pause_lifted", actor=actor, subject=user, user_id=user.pk, before=before, after=after, reason=reason)
    return user
