"""Sending in documents, and deciding on them."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from accounts.duties import due_in
from accounts.errors import KycPending, KycWrongStatus
from accounts.events import kyc_updated
from accounts.models import KycDocument, KycStatus, KycSubmission, User
from accounts.staff import require_reader, require_staff
from iqx.core import audit, clock, events, files
from iqx.core.crypto import seal, unseal
from iqx.core.errors import Invalid, NotAllowed, NotFound
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.transactions import use_case

NAME: Final = "kyc legal name"
NUMBER: Final = "kyc document number"

Status = KycSubmission.Status


@use_case
def submit_kyc(
    *,
    user_id: UUID,
    document_type: str,
    country: str,
    legal_name: str,
    document_number: str,
    documents: Mapping[str, files.Received],
) -> KycSubmission:
    """Ask to be verified; who is verified already may ask for a higher level, and stays what he is meanwhile.

    Locks: the user, his stream. Raises: KycPending, Busy. Emits: kyc_updated.
    """
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    if user is None:
        raise NotFound
    if KycSubmission.objects.filter(user=user, status=Status.PENDING).exists():
        raise KycPending
    now = clock.now()
    submission = KycSubmission.objects.create(
        user=user,
        document_type=document_type,
        country=country,
        legal_name=seal(legal_name, purpose=NAME),
        document_number=seal(document_number, purpose=NUMBER),
        due_at=due_in("kyc"),
        created_at=now,
    )
    for kind, received in documents.items():
        stored = files.keep(received, owner_id=user.pk, purpose="kyc")
        KycDocument.objects.create(submission=submission, kind=kind, file=stored)
    if user.kyc_status != KycStatus.VERIFIED:
        _set_status(user, KycStatus.PENDING, user.kyc_level)
    events.append([kyc_updated(user)])
    return submission


@use_case
def approve_kyc(*, submission_id: UUID, actor_id: UUID, level: int, reason: str = "") -> KycSubmission:
    """Verify a person for a level, 1 or 2, on the documents that he sent. `reason` is for the audit trail alone.

    Locks: actor and person, then the submission; the person's stream.
    Raises: NotAllowed, NotFound, Invalid, KycWrongStatus, Busy. Emits: kyc_updated.
    """
    if level not in {1, 2}:
        raise Invalid("Level 1 or 2.", field="level")
    actor, submission, user = _locked(submission_id, actor_id)
    before = audit.values_of(user, "kyc_status", "kyc_level")
    submission.status, submission.level = Status.VERIFIED, level
    _decide(submission, actor_id)
    user.verified_name = unseal(submission.legal_name, purpose=NAME)  # payment accounts are compared with it
    _set_status(user, KycStatus.VERIFIED, level)
    _write_down("kyc_approved", actor, submission, user, before, reason)
    events.append([kyc_updated(user)])
    return submission


@use_case
def reject_kyc(*, submission_id: UUID, actor_id: UUID, reason: str) -> KycSubmission:
    """Refuse a submission for a reason that the person reads; who was verified before stays so.

    Locks, raises and emits as `approve_kyc` does.
    """
    actor, submission, user = _locked(submission_id, actor_id)
    before = audit.values_of(user, "kyc_status", "kyc_level")
    submission.status, submission.reason = Status.REJECTED, reason
    _decide(submission, actor_id)
    if user.kyc_status != KycStatus.VERIFIED:
        _set_status(user, KycStatus.REJECTED, 0)
    _write_down("kyc_rejected", actor, submission, user, before, reason)
    events.append([kyc_updated(user)])
    return submission


@use_case
def open_submission(*, submission_id: UUID, actor: User) -> KycSubmission:
    """A submission with its documents, for the one of staff who reads it; that he did is recorded.

    Raises: NotAllowed, NotFound.
    """
    require_reader(actor)
    rows = KycSubmission.objects.select_related("user").prefetch_related("documents__file")
    submission = rows.filter(pk=submission_id).first()
    if submission is None:
        raise NotFound
    audit.record("kyc_opened", actor=actor, subject=submission, user_id=submission.user_id)
    return submission


def _write_down(
    action: str, actor: User, submission: KycSubmission, user: User, before: Mapping[str, Any], reason: str
) -> None:
    after = audit.values_of(user, "kyc_status", "kyc_level")
    audit.record(
        action,
        actor=actor,
        subject=submission,
        user_id=user.pk,
        before=before,
        after=after,
        reason=reason,
    )


def _locked(submission_id: UUID, actor_id: UUID) -> tuple[User, KycSubmission, User]:
    """The actor, a submission that waits, and whose it is; only staff decide, and nobody about himself."""
    user_id = KycSubmission.objects.filter(pk=submission_id).values_list("user_id", flat=True).first()
    people = {u.pk: u for u in lock(LockRank.ACCOUNT, User.objects.filter(pk__in=[actor_id, user_id or actor_id]))}
    actor = people.get(actor_id)
    if actor is None or actor_id == user_id:
        raise NotAllowed
    require_staff(actor)
    if user_id is None:
        raise NotFound
    if people[user_id].is_staff_member and not actor.is_admin:
        raise NotAllowed
    (submission,) = lock(LockRank.ACCOUNT, KycSubmission.objects.filter(pk=submission_id).select_related("user"))
    if submission.status != Status.PENDING:
        raise KycWrongStatus(current_status=submission.status)
    return actor, submission, people[user_id]


def _decide(submission: KycSubmission, actor_id: UUID) -> None:
    submission.reviewed_by_id, submission.decided_at, submission.due_at = actor_id, clock.now(), None
    submission.save(update_fields=["status", "level", "reason", "reviewed_by", "decided_at", "due_at"])


def _set_status(user: User, status: KycStatus, level: int) -> None:
    user.kyc_status, user.kyc_level = status, level
    user.save(update_fields=["kyc_status", "kyc_level", "verified_name"])
