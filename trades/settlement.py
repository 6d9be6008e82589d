"""The ledger movements that end a trade. Each trade has one, ever: a unique key of the ledger says so."""

from dataclasses import dataclass
from decimal import Decimal

from iqx.core.events import NewEvent
from iqx.core.money import USDT_UNIT, ZERO
from trades.models import Trade
from wallets import ledger
from wallets.events import wallet_updated
from wallets.models import SystemAccount, TransferKind


@dataclass(frozen=True, slots=True)
class Sale:
    """What the end of a trade would move, and the fees that each side would then have paid."""

    transfer: ledger.NewTransfer
    buyer_fee: Decimal
    seller_fee: Decimal


def sale_of(trade: Trade, buyer_amount: Decimal) -> Sale:
    """Paying `buyer_amount` of the escrow to the buyer, less his fee, and the rest back to the seller. Moves nothing.

    Of a split, each side pays the share of its fee that was sold, rounded down.
    """
    buyer_fee = _share(trade.buyer_fee, buyer_amount, trade.amount)
    seller_fee = _share(trade.seller_fee, buyer_amount, trade.amount)
    fees = buyer_fee + seller_fee
    transfer = ledger.NewTransfer(
        TransferKind.TRADE_RELEASE if buyer_amount == trade.amount else TransferKind.TRADE_SPLIT,
        "trade",
        trade.id,
        (
            ledger.Leg(trade.seller_id, trade.escrow - buyer_amount - seller_fee, -trade.escrow),
            ledger.Leg(trade.buyer_id, buyer_amount - buyer_fee, ZERO),
        ),
        (ledger.SystemLeg(SystemAccount.FEES, fees),) if fees else (),
    )
    return Sale(transfer, buyer_fee, seller_fee)


def settle(trade: Trade, buyer_amount: Decimal) -> list[NewEvent]:
    """Carry `sale_of` out; the trade then carries the fees that were paid.

    Locks: both wallets. Emits: wallet_updated to both.
    """
    sale = sale_of(trade, buyer_amount)
    trade.buyer_fee, trade.seller_fee = sale.buyer_fee, sale.seller_fee
    return _post(sale.transfer)


def return_to_seller(trade: Trade) -> list[NewEvent]:
    """Give the whole escrow back to the seller's available funds. Locks: the wallet. Emits: wallet_updated."""
    return _post(
        ledger.NewTransfer(
            TransferKind.TRADE_REFUND, "trade", trade.id, (ledger.Leg(trade.seller_id, trade.escrow, -trade.escrow),)
        )
    )


def _share(fee: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    return fee if part == whole else (fee * part / whole).quantize(USDT_UNIT, rounding="ROUND_DOWN")


def _post(transfer: ledger.NewTransfer) -> list[NewEvent]:
    balances = ledger.lock_wallets({leg.wallet for leg in transfer.legs})
    ledger.post(balances, [transfer])
    return [wallet_updated(balance) for balance in balances.values()]
