"""Every table that knows people, and what becomes of it when somebody asks for his data, or to be forgotten.

What serves nobody else is deleted. What belongs to the books, to another person's trade or to a duty of keeping stays
under a pseudonym: the person's id, behind which there is no name any more. What was written in a trade, a dispute or a
ticket, and about a trader, is evidence that the database itself keeps from being changed: it stays as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.kyc.services import NAME, NUMBER
from accounts.models import PaymentAccount
from accounts.payments.sealing import details_of
from iqx.core.crypto import unseal
from iqx.notices.parcels import PHONE

Reader = Callable[[Any], Any]

DELETE: Final = "delete"
KEEP: Final = "keep"
"""Under the pseudonym."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table: by which columns it knows people; what erasure does; which values are blanked; how sealed ones are read.

    `owners` are whose data a row is: they get it in their export. `others` are people whom it names besides, such as
    the member of staff who decided.
    """

    owners: tuple[str, ...] = ("user",)
    others: tuple[str, ...] = ()
    erasure: str = KEEP
    blank: tuple[str, ...] = ()
    sealed: Mapping[str, Reader] = field(default_factory=dict)


def _opened(column: str, purpose: str) -> Reader:
    def read(row: Any) -> Any:  # noqa: ANN401 any model with that column
        sealed = getattr(row, column)
        return unseal(sealed, purpose=purpose) if sealed else None

    return read


def _details(account: PaymentAccount) -> dict[str, str]:
    return details_of(account)


_SUBMISSION: Final[dict[str, Reader]] = {
    "legal_name": _opened("legal_name", NAME),
    "document_number": _opened("document_number", NUMBER),
}

PARTS: Final[dict[str, Part]] = {
    "core.AuditRecord": Part(owners=(), others=("actor_id", "user_id", "subject_id")),
    "core.IdempotencyRecord": Part(owners=("user_id",), erasure=DELETE),
    "core.StoredFile": Part(owners=("owner_id",)),
    "notices.Preferences": Part(erasure=DELETE),
    "notices.Notice": Part(erasure=DELETE),
    "notices.Webhook": Part(erasure=DELETE),
    "notices.PushSubscription": Part(erasure=DELETE),
    "notices.Phone": Part(erasure=DELETE, sealed={"number": _opened("number", PHONE)}),
    "notices.Delivery": Part(erasure=DELETE),
    "accounts.Session": Part(erasure=DELETE),
    "accounts.SecurityAlert": Part(erasure=DELETE),
    "accounts.Totp": Part(erasure=DELETE),
    "accounts.RecoveryCode": Part(erasure=DELETE),
    "accounts.ApiKey": Part(erasure=DELETE),
    "accounts.Passkey": Part(erasure=DELETE),
    "accounts.PasskeyChallenge": Part(erasure=DELETE),
    "accounts.StepUpCode": Part(erasure=DELETE),
    "accounts.KycSubmission": Part(
        others=("reviewed_by",), blank=("legal_name", "document_number"), sealed=_SUBMISSION
    ),
    "accounts.PaymentAccount": Part(blank=("label", "sealed"), sealed={"sealed": _details}),
    "accounts.TraderRecord": Part(),
    "accounts.Relation": Part(owners=("owner",), others=("other",), erasure=DELETE),
    "accounts.RuleChange": Part(owners=(), others=("actor",)),
    "accounts.Approval": Part(owners=(), others=("user", "requested_by", "decided_by", "subject_id")),
    "accounts.Flag": Part(owners=(), others=("user", "decided_by", "subject_id")),
    "wallets.Wallet": Part(),
    "wallets.Deposit": Part(others=("reviewed_by",)),
    "wallets.Withdrawal": Part(others=("reviewed_by", "first_approved_by")),
    "wallets.Adjustment": Part(others=("requested_by", "decided_by")),
    "wallets.WithdrawalAddress": Part(erasure=DELETE),
    "orders.Order": Part(owners=("owner",), blank=("terms", "auto_reply")),
    "orders.Reference": Part(owners=(), others=("set_by",)),
    "orders.OpeningHours": Part(erasure=DELETE),
    "orders.CancelAfter": Part(erasure=DELETE),
    "orders.Turnover": Part(),
    "trades.Trade": Part(owners=("buyer", "seller")),
    "trades.Transaction": Part(owners=("buyer", "seller")),
    "trades.Feedback": Part(owners=("author", "subject")),
    "trades.Message": Part(owners=("author",)),
    "trades.ReadMark": Part(owners=("reader",)),
    "trades.ReceiptFlag": Part(owners=(), others=("reviewed_by",)),
    "disputes.Dispute": Part(owners=(), others=("assignee", "resolved_by")),
    "disputes.DisputeEntry": Part(owners=("author",)),
    "disputes.Ruling": Part(owners=(), others=("proposed_by", "confirmed_by")),
    "disputes.DisputeHelper": Part(owners=(), others=("user", "added_by")),
    "desk.Announcement": Part(owners=(), others=("made_by", "ended_by")),
    "support.Ticket": Part(others=("assignee",), blank=("rating_comment",)),
    "support.TicketMessage": Part(owners=("author",)),
}

SECRET: Final = frozenset(
    {"digest", "password", "secret", "blob", "code_digest", "fingerprint", "challenge", "credential_id", "public_key"}
)
"""Columns that are no use to their owner, and of some to a thief: no export has them."""
UNREADABLE: Final = frozenset({"notices.PushSubscription.address", "core.StoredFile.dhash", "core.StoredFile.detail"})
