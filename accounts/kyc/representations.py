"""The one form of a submission: for its owner, and for staff."""

from typing import Any

from accounts.kyc.services import NAME, NUMBER
from accounts.models import KycSubmission
from accounts.representations import public_user_json
from iqx.core.clock import rfc3339, rfc3339_or_none
from iqx.core.crypto import unseal
from iqx.core.files import file_json


def submission_json(submission: KycSubmission) -> dict[str, Any]:
    """A submission as its owner sees it: what he wrote and sent is not repeated."""
    return {
        "id": str(submission.id),
        "document_type": submission.document_type,
        "country": submission.country,
        "documents": [document.kind for document in submission.documents.all()],
        "status": submission.status,
        "level": submission.level,
        "reason": submission.reason or None,
        "due_at": rfc3339_or_none(submission.due_at),
        "created_at": rfc3339(submission.created_at),
        "decided_at": rfc3339_or_none(submission.decided_at),
    }


def staff_submission_json(submission: KycSubmission) -> dict[str, Any]:
    """A line of staff's queue; `user` must be loaded."""
    return submission_json(submission) | {"user": public_user_json(submission.user)}


def opened_submission_json(submission: KycSubmission) -> dict[str, Any]:
    """All of it, unsealed, with links to the documents: for the one of staff who reviews it."""
    return staff_submission_json(submission) | {
        "legal_name": unseal(submission.legal_name, purpose=NAME),
        "document_number": unseal(submission.document_number, purpose=NUMBER),
        "files": [{"kind": each.kind, **file_json(each.file)} for each in submission.documents.all()],
    }
