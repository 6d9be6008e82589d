"""What users do with their payment accounts, by their second factor if they have one.

Trades under way keep the version that they began with (ADR 16).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.errors import TooManyPaymentAccounts
from accounts.events import payment_account_updated
from accounts.models import PaymentAccount, PaymentMethod
from accounts.payments.fields import DetailInvalid, clean_details
from accounts.payments.sealing import sealed
from accounts.selectors import get_payment_account, payment_accounts_of
from accounts.step_up import require_second_factor
from iqx.core import clock, events
from iqx.core.errors import Invalid
from iqx.core.ids import new_id
from iqx.core.transactions import use_case

MOST: Final = 50


@use_case
def add_payment_account(
    *, user_id: UUID, method: str, details: Mapping[str, str], label: str = "", is_default: bool = False, otp: str = ""
) -> PaymentAccount:
    """Add an account; the first one for its method is the default.

    Locks: the user, then his stream. Raises: OtpRequired, OtpInvalid, Invalid, TooManyPaymentAccounts.
    Emits: payment_account_updated.
    """
    user = require_second_factor(user_id, otp)
    kind = PaymentMethod.objects.filter(pk=method).first()
    if kind is None:
        raise Invalid("There is no such payment method.", field="method")
    cleaned = _cleaned(kind, details)
    owned = payment_accounts_of(user_id)
    if owned.count() >= MOST:
        raise TooManyPaymentAccounts
    now = clock.now()
    before = owned.filter(method=kind, is_default=True).first()
    changed = [_next(before, is_default=False)] if before and is_default else []
    account = PaymentAccount.objects.create(
        account=new_id(),
        user=user,
        method=kind,
        label=label,
        sealed=sealed(cleaned),
        is_default=is_default or before is None,
        created_at=now,
        valid_from=now,
    )
    _tell(*changed, account)
    return account


@use_case
def change_payment_account(
    *,
    user_id: UUID,
    account_id: UUID,
    label: str | None = None,
    details: Mapping[str, str] | None = None,
    is_default: bool | None = None,
    otp: str = "",
) -> PaymentAccount:
    """Change an account's label or details (all of them), or make it its method's default.

    Trades under way go on with what they began with.

    Locks: the user, then his stream. Raises: OtpRequired, OtpInvalid, NotFound, Invalid.
    Emits: payment_account_updated.
    """
    require_second_factor(user_id, otp)
    account = get_payment_account(account_id=account_id, user_id=user_id)
    if is_default is False and account.is_default:
        raise Invalid("Make another account the default instead.", field="is_default")
    changes: dict[str, Any] = {}
    if label is not None:
        changes["label"] = label
    if details is not None:
        changes["sealed"] = sealed(_cleaned(account.method, details))
    changed = []
    if is_default and not account.is_default:
        changed = [_next(before, is_default=False) for before in _defaults(account)]
        changes["is_default"] = True
    if changes:
        account = _next(account, **changes)
        _tell(*changed, account)
    return account


@use_case
def delete_payment_account(*, user_id: UUID, account_id: UUID, otp: str = "") -> None:
    """Forget an account; if it was its method's default, the newest of the others is from now on.

    Trades under way go on with it.

    Locks: the user, then his stream. Raises: OtpRequired, OtpInvalid, NotFound. Emits: payment_account_updated.
    """
    require_second_factor(user_id, otp)
    account = get_payment_account(account_id=account_id, user_id=user_id)
    _end(account, clock.now())
    others = payment_accounts_of(user_id).filter(method=account.method_id).order_by("-account")
    heir = others.first() if account.is_default else None
    _tell(account, *([_next(heir, is_default=True)] if heir else []))


def _defaults(account: PaymentAccount) -> list[PaymentAccount]:
    return list(payment_accounts_of(account.user_id).filter(method=account.method_id, is_default=True))


def _cleaned(method: PaymentMethod, details: Mapping[str, str]) -> dict[str, str]:
    try:
        return clean_details(method.fields, details)
    except DetailInvalid as error:
        raise Invalid(str(error), field=f"details.{error.field}"[:200]) from error


def _end(account: PaymentAccount, now: datetime) -> None:
    account.valid_until = max(now, account.valid_from)
    account.save(update_fields=["valid_until"])


def _next(account: PaymentAccount, **changes: Any) -> PaymentAccount:  # noqa: ANN401 fields of the model
    """End this version of an account, and begin the next one, which differs by `changes`."""
    now = max(clock.now(), account.valid_from)
    _end(account, now)
    following = PaymentAccount(
        account=account.account,
        user=account.user,
        method_id=account.method_id,
        label=account.label,
        sealed=account.sealed,
        is_default=account.is_default,
        version=account.version + 1,
        created_at=account.created_at,
        valid_from=now,
    )
    for name, value in changes.items():
        setattr(following, name, value)
    following.save(force_insert=True)
    return following


def _tell(*accounts: PaymentAccount) -> None:
    events.append(payment_account_updated(account) for account in accounts)
