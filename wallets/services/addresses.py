from uuid import UUID

from accounts.alerts import raise_alert
from accounts.models import AlertKind, User
from accounts.step_up import require_second_factor
from iqx.core import clock, events
from iqx.core.errors import NotFound
from iqx.core.transactions import use_case
from wallets.errors import AddressBookFull, AddressKnown
from wallets.gateways import SANDBOX, require_address
from wallets.ledger import lock_wallets
from wallets.models import WithdrawalAddress

_MOST_ADDRESSES = 100


@use_case
def add_address(*, user: User, name: str, address: str, network: str = SANDBOX, otp: str = "") -> WithdrawalAddress:
    """Keep an address under a name, for later withdrawals.

    Locks: the user, and his wallet, so that his book does not outgrow its limit.
    Raises: NetworkUnavailable, Invalid, OtpRequired, OtpInvalid, AddressKnown, AddressBookFull, Busy.
    Emits: security_alert.
    """
    require_address(network, address)
    owner = require_second_factor(user.pk, otp)
    lock_wallets([user.id])
    book = WithdrawalAddress.objects.filter(user=user)
    if book.filter(network=network, address=address).exists():
        raise AddressKnown
    if book.count() >= _MOST_ADDRESSES:
        raise AddressBookFull
    kept = WithdrawalAddress.objects.create(
        user=user, name=name, address=address, network=network, created_at=clock.now()
    )
    events.append([raise_alert(owner, AlertKind.WITHDRAWAL_ADDRESS_ADDED, name=name, address=address, network=network)])
    return kept


@use_case
def delete_address(*, address_id: UUID, user: User) -> None:
    """Forget an address.

    Raises: NotFound.
    """
    deleted, _ = WithdrawalAddress.objects.filter(pk=address_id, user=user).delete()
    if not deleted:
        raise NotFound
