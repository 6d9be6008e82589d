"""Use cases of canned answers: for staff alone."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.staff import require_staff
from iqx.core import audit
from iqx.core.errors import Invalid, NotFound
from iqx.core.transactions import use_case
from support.models import CannedAnswer


@use_case
def add_canned_answer(*, actor: User, title: str, body: str, category: str = "") -> CannedAnswer:
    """Raises: NotAllowed, Invalid (there is one with that title)."""
    require_staff(actor)
    try:
        with transaction.atomic():
            canned = CannedAnswer.objects.create(title=title, body=body, category=category)
    except IntegrityError:
        raise Invalid("There is a canned answer with that title.", field="title") from None
    audit.record("canned_answer_added", actor=actor, subject=canned, after=audit.values_of(canned, "title", "body"))
    return canned


@use_case
def delete_canned_answer(*, actor: User, canned_id: UUID) -> None:
    """Raises: NotAllowed, NotFound."""
    require_staff(actor)
    canned = CannedAnswer.objects.filter(pk=canned_id).first()
    if canned is None:
        raise NotFound
    before = audit.values_of(canned, "title", "body")
    audit.record("canned_answer_deleted", actor=actor, subject=canned, before=before)
    canned.delete()
