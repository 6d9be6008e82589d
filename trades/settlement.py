"""The ledger movements that end a trade. Each trade has one, ever: a unique key of the ledger says so."""

from decimal import Decimal

from iqx.core.events import NewEvent
from iqx.core.money import USDT_UNIT, ZERO
from trades.models import Trade
from wallets import ledger
from wallets.events import wallet_updated
from wallets.models import SystemAccount, TransferKind


def settle(trade: Trade, buyer_amount: Decimal) -> list[NewEvent]:
    """Pay `buyer_amount` of the escrow to the buyer, less his fee, and the rest back to the seller.

    Of a split, each side pays the share of its fee that was sold, rounded down; the trade then carries what was paid.

    Locks: both wallets. Emits: wallet_updated to both.
    """
    escrow = trade.escrow
    trade.buyer_fee = _share(trade.buyer_fee, buyer_amount, trade.amount)
    trade.seller_fee = _share(trade.seller_fee, buyer_amount, trade.amount)
    fees = trade.buyer_fee + trade.seller_fee
    back = escrow - buyer_amount - trade.seller_fee
    transfer = ledger.NewTransfer(
        TransferKind.TRADE_RELEASE if buyer_amount == trade.amount else TransferKind.TRADE_SPLIT,
        "trade",
        trade.id,
        (
            ledger.Leg(trade.seller_id, back, -escrow),
            ledger.Leg(trade.buyer_id, buyer_amount - trade.buyer_fee, ZERO),
        ),
        (ledger.SystemLeg(SystemAccount.FEES, fees),) if fees else (),
    )
    return _post(transfer)


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
