"""Receipts of sales: listed, as CSV, and each on a page that can be printed."""

from functools import cached_property
from typing import ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from iqx.core.errors import NotFound
from iqx.web.lists import listed
from iqx.web.members import MemberPage
from iqx.web.pages import Context
from trades.api.serializers import TransactionSerializer
from trades.models import Transaction
from trades.representations import transaction_row
from trades.selectors import receipts_of
from wallets.api.csv_export import csv_response


class ReceiptsPage(MemberPage):
    template = "trades/receipts.html"
    parts: ClassVar = {"receipts": "trades/parts/receipts.html"}

    def title(self) -> str:
        return _("Receipts")

    def context(self) -> Context:
        return {"role": self.role()}

    def role(self) -> str:
        role = self.request.GET.get("role", "")
        return role if role in {"buyer", "seller"} else ""

    def part_receipts(self) -> Context:
        receipts = receipts_of(self.member.pk)
        if self.role():
            receipts = receipts.filter(**{self.role(): self.member})
        return {"receipts": listed(self.request, receipts)}


class ReceiptsFile(ReceiptsPage):
    """The same as CSV, as the API gives it."""

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        reader = self.member.pk
        receipts = receipts_of(reader).order_by("-id")
        if self.role():
            receipts = receipts.filter(**{self.role(): self.member})
        rows = (transaction_row(receipt, reader) for receipt in receipts.iterator())
        return csv_response(request, "receipts.csv", list(TransactionSerializer().fields), rows)


class ReceiptPage(MemberPage):
    template = "trades/receipt.html"

    @cached_property
    def receipt(self) -> Transaction:
        receipts = receipts_of(self.member.pk).select_related("trade")
        receipt = receipts.filter(pk=self.kwargs["receipt_id"]).first()
        if receipt is None:
            raise NotFound
        return receipt

    def title(self) -> str:
        return _("Receipt %(reference)s") % {"reference": self.receipt.trade.reference}

    def context(self) -> Context:
        receipt = self.receipt
        is_buyer = receipt.buyer_id == self.member.pk
        fee = receipt.buyer_fee if is_buyer else receipt.seller_fee
        return {
            "receipt": receipt,
            "is_buyer": is_buyer,
            "fee": fee,
            "net": receipt.amount - fee if is_buyer else receipt.amount + fee,
        }
