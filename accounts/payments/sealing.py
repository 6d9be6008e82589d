"""The details of payment accounts, in and out of the form in which the database keeps them."""

from collections.abc import Mapping
from typing import Final

from accounts.models import PaymentAccount, User
from accounts.payments.names import same_name
from iqx.core.crypto import seal, unseal

_PURPOSE: Final = "payment account"
_HOLDER: Final = "holder"


def sealed(details: Mapping[str, str]) -> str:
    return seal(dict(details), purpose=_PURPOSE)


def details_of(account: PaymentAccount) -> dict[str, str]:
    """What the fields hold. Whoever calls this shows it to somebody: see who may, in docs/payments.md."""
    details: dict[str, str] = unseal(account.sealed, purpose=_PURPOSE)
    return details


def name_matches(details: Mapping[str, str], owner: User) -> bool | None:
    """Whether the account is in its owner's verified name; None, if either name is not known."""
    if not owner.verified_name or _HOLDER not in details:
        return None
    return same_name(details[_HOLDER], owner.verified_name)
