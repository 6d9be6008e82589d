"""Forgetting a person: what is his alone is deleted, the books keep a pseudonym."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Q

from accounts.families import end_sessions
from accounts.models import (
    EmailToken,
    EndReason,
    Flag,
    KycDocument,
    KycStatus,
    PaymentAccount,
    Relation,
    Role,
    Session,
    User,
)
from accounts.payments.sealing import sealed
from disputes.models import Dispute
from iqx.core import audit, clock
from iqx.core.errors import NotFound
from iqx.core.events import forget_stream, user_stream
from iqx.core.files import storage
from iqx.core.locking import LockRank, lock, lock_one
from iqx.core.models import StoredFile
from iqx.core.transactions import use_case
from iqx.ops.errors import ErasureRefused
from iqx.ops.privacy.export import of_owner
from iqx.ops.privacy.parts import DELETE, PARTS
from orders.models import Order
from support.models import Ticket
from trades.models import Trade
from wallets.models import Adjustment, Deposit, Wallet, Withdrawal

_BLANKED_SPECIALLY = {"accounts.PaymentAccount"}


@use_case
def erase_user(*, user_id: UUID, reason: str) -> User:
    """Forget a person, if nothing of his is under way. There is no way back.

    Locks: the user, his sessions, his wallet, his stream. Raises: NotFound, ErasureRefused.
    """
    user = lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user_id))
    if user is None:
        raise NotFound
    end_sessions(Session.objects.filter(user=user), EndReason.REVOKED)
    lock(LockRank.WALLET, Wallet.objects.filter(pk=user_id))
    if because := list(in_the_way(user)):
        raise ErasureRefused(because=because)
    _delete_documents(user)
    _blank(user)
    for label, part in PARTS.items():
        if part.erasure == DELETE:
            of_owner(label, part, user).delete()
    Relation.objects.filter(other=user).delete()
    EmailToken.objects.filter(email=user.email).delete()
    _take_out_of_others_events(user)
    _pseudonymise(user)
    audit.record("user_erased", actor=None, subject=user, user_id=user.pk, reason=reason)
    forget_stream(user_stream(user.pk))
    return user


def in_the_way(user: User) -> Iterable[str]:
    """What of this person is under way."""
    under_way = {
        "role": user.role != Role.USER,
        "erased": user.email.endswith(_NOWHERE),
        "balance": Wallet.objects.filter(pk=user.pk).filter(Q(available__gt=0) | Q(locked__gt=0)).exists(),
        "orders": Order.objects.filter(owner=user, status__in=["pending", "open"]).exists(),
        "trades": Trade.objects.filter(Q(buyer=user) | Q(seller=user), deadline__isnull=False).exists(),
        "disputes": Dispute.objects.filter(
            Q(trade__buyer=user) | Q(trade__seller=user), status__in=Dispute.LIVE
        ).exists(),
        "money_requests": any(
            model.objects.filter(user=user, due_at__isnull=False).exists()
            for model in (Deposit, Withdrawal, Adjustment)
        ),
        "tickets": Ticket.objects.filter(user=user, status__in=Ticket.LIVE).exists(),
        "flags": Flag.objects.filter(user=user, status=Flag.Status.OPEN).exists(),
        "verification": user.kyc_submissions.filter(status="pending").exists(),
    }
    return [name for name, is_so in under_way.items() if is_so]


def _delete_documents(user: User) -> None:
    """Documents of identity, with their files."""
    documents = KycDocument.objects.filter(submission__user=user)
    files = StoredFile.objects.filter(pk__in=list(documents.values_list("file_id", flat=True)))
    blobs = list(files.values_list("blob", flat=True))
    documents.delete()
    files.delete()
    for blob in blobs:
        transaction.on_commit(partial(storage.private().delete, blob))


def _blank(user: User) -> None:
    for label, part in PARTS.items():
        if part.blank and label not in _BLANKED_SPECIALLY:
            of_owner(label, part, user).update(**dict.fromkeys(part.blank, ""))
    accounts = PaymentAccount.objects.filter(user=user)
    accounts.update(label="", sealed=sealed({}), is_default=False)
    accounts.filter(valid_until=None).update(valid_until=clock.now())


_RENAME = """
UPDATE core_event SET data = jsonb_set(data::jsonb, %(path)s, to_jsonb(%(name)s::text))
WHERE stream_id IN (
    SELECT 'user:' || CASE WHEN buyer_id = %(user)s THEN seller_id ELSE buyer_id END
    FROM trades_trade WHERE %(user)s IN (buyer_id, seller_id)
) AND data #>> %(whose)s = %(user)s::text
"""


def _take_out_of_others_events(user: User) -> None:
    """His name in the event logs of those whom he traded with."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL iqx.erasing = 'on'")  # else events never change
        for side in ("buyer", "seller"):
            values: dict[str, Any] = {
                "path": [side, "display_name"],
                "whose": [side, "id"],
                "name": _NOBODY,
                "user": user.pk,
            }
            cursor.execute(_RENAME, values)


_NOBODY = "Somebody who left"
_NOWHERE = "@erased.invalid"


def _pseudonymise(user: User) -> None:
    user.email = f"{user.pk}{_NOWHERE}"
    user.display_name = _NOBODY
    user.verified_name = ""
    user.password = make_password(None)
    user.is_active = user.two_factor = False
    user.email_verified_at = user.withdrawals_held_until = user.trading_paused_until = None
    user.withdrawals_hold_reason = ""
    user.kyc_status, user.kyc_level = KycStatus.NONE, 0
    user.save()
