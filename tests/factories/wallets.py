"""Money for tests, through the front door."""

from decimal import Decimal

from accounts.models import User
from wallets.models import Deposit, Withdrawal
from wallets.selectors import get_wallet
from wallets.services import request_deposit, request_withdrawal

ADDRESS = "0x" + "a1" * 20


def fund(user: User, amount: Decimal | int | str = 1000) -> Deposit:
    """Deposit `amount` on the sandbox network."""
    return request_deposit(user=user, amount=Decimal(amount))


def withdraw(user: User, amount: Decimal | int | str) -> Withdrawal:
    """Ask for a withdrawal; it waits for staff."""
    return request_withdrawal(user=user, amount=Decimal(amount), address=ADDRESS)


def balance_of(user: User) -> tuple[Decimal, Decimal]:
    """What is available, and what is locked."""
    wallet = get_wallet(user.id)
    return wallet.available, wallet.locked
