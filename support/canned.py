"""Use cases of canned answers: for staff alone."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from iqx.core.errors import Invalid, NotAllowed, NotFound
from iqx.core.transactions import use_case
from support.models import CannedAnswer


@use_case
def add_canned_answer(*, actor: User, title: str, body: str, category: str = "") -> CannedAnswer:
    """Raises: NotAllowed, Invalid (there is one with that title)."""
    if not actor.may_act:
        raise NotAllowed
    try:
        with transaction.atomic():
            return CannedAnswer.objects.create(title=title, body=body, category=category)
    except IntegrityError:
        raise Invalid("There is a canned answer with that title.", field="title") from None


@use_case
def delete_canned_answer(*, actor: User, canned_id: UUID) -> None:
    """Raises: NotAllowed, NotFound."""
    if not actor.may_act:
        raise NotAllowed
    if not CannedAnswer.objects.filter(pk=canned_id).delete()[0]:
        raise NotFound
