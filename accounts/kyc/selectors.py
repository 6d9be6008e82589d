"""Reads: what one sent in, what waits for staff, and the name that was verified."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.kyc.services import NAME
from accounts.models import KycSubmission
from iqx.core.crypto import unseal


def submissions() -> "QuerySet[KycSubmission]":
    """All of them, with their owners and documents."""
    return KycSubmission.objects.select_related("user").prefetch_related("documents__file")


def submissions_of(user_id: UUID) -> QuerySet[KycSubmission]:
    return submissions().filter(user_id=user_id)


def verified_name(user_id: UUID) -> str | None:
    """The legal name that staff last verified, None if there is none."""
    verified = KycSubmission.objects.filter(user_id=user_id, status=KycSubmission.Status.VERIFIED)
    sealed = verified.order_by("-decided_at").values_list("legal_name", flat=True).first()
    return None if sealed is None else str(unseal(sealed, purpose=NAME))
