"""What somebody may do with his wallet now: the checks of the use cases, without locks."""

from django.conf import settings

from accounts.holds import require_no_hold
from accounts.models import User
from iqx.core import clock
from iqx.core.money import USDT_UNIT, usdt
from wallets.errors import InsufficientFunds
from wallets.gateways import SANDBOX, gateway_for
from wallets.holds import require_not_held
from wallets.limits import require_withdrawal_within_limit
from wallets.selectors import get_wallet


def check_could_withdraw(user: User) -> None:
    """Refuse the smallest withdrawal as the request for one would, but for its address and one-time password.

    Raises: NetworkUnavailable, WithdrawalsHeld, LimitExceeded, WithdrawalHeld, InsufficientFunds.
    """
    gateway_for(SANDBOX)
    require_no_hold(user)
    require_withdrawal_within_limit(user, USDT_UNIT)
    total, available = USDT_UNIT + settings.WITHDRAWAL_FEE, get_wallet(user.pk).available
    require_not_held(user, total, available, clock.now())
    if total > available:
        raise InsufficientFunds(available=usdt(available))
