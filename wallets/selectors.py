from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from wallets.models import Deposit, Entry, SystemAccount, Wallet, Withdrawal, WithdrawalAddress

_STATEMENT_BATCH = 1000


def get_wallet(user_id: UUID) -> Wallet:
    """The user's wallet; an empty one, not stored, if no money ever touched it."""
    return Wallet.objects.filter(pk=user_id).first() or Wallet(user_id=user_id)


def entries_of(user_id: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(wallet_id=user_id).select_related("transfer")


def statement_of(user_id: UUID) -> Iterable[Entry]:
    """All entries of the wallet, newest first, as they were when the reading began; never all in memory."""
    entries = entries_of(user_id).order_by("-version")
    batch = list(entries[:_STATEMENT_BATCH])
    while batch:
        yield from batch
        batch = list(entries.filter(version__lt=batch[-1].version)[:_STATEMENT_BATCH])


def deposits_of(user_id: UUID) -> QuerySet[Deposit]:
    return Deposit.objects.filter(user_id=user_id)


def withdrawals_of(user_id: UUID) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(user_id=user_id)


def addresses_of(user_id: UUID) -> QuerySet[WithdrawalAddress]:
    return WithdrawalAddress.objects.filter(user_id=user_id)


_SYSTEM_BALANCE = """
SELECT coalesce((SELECT balance FROM wallets_systemrollup WHERE account = %(account)s), 0)
     + coalesce((SELECT sum(amount) FROM wallets_unrolledentry WHERE account = %(account)s), 0)
"""


def system_balance(account: SystemAccount) -> Decimal:
    """The sum of a system account's entries: what is rolled up, and what is not yet, in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_SYSTEM_BALANCE, {"account": account.value})
        (balance,) = cursor.fetchone()
    return Decimal(balance)
