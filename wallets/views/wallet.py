"""What one has, what is on its way, and every movement."""

from typing import ClassVar, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from iqx.core import clock
from iqx.web.lists import listed
from iqx.web.members import MemberPage
from iqx.web.pages import Context
from wallets import selectors
from wallets.api.csv_export import csv_response
from wallets.api.serializers import EntrySerializer
from wallets.holds import holds_on, withdrawable
from wallets.representations import entry_json
from wallets.views.texts import HOLDS, KINDS, RULES, STATES, TONES

RECENT: Final = 10


class WalletPage(MemberPage):
    template = "wallets/wallet.html"
    parts: ClassVar = {"balance": "wallets/parts/balance.html", "moves": "wallets/parts/moves.html"}

    def title(self) -> str:
        return _("Wallet")

    def part_balance(self) -> Context:
        wallet, now = selectors.get_wallet(self.member.pk), clock.now()
        holds = holds_on(self.member, now)
        until = self.member.withdrawals_held_until
        return {
            "wallet": wallet,
            "total": wallet.available + wallet.locked,
            "withdrawable": withdrawable(wallet.available, holds),
            "holds": holds,
            "held_until": until if until and until > now else None,
            "held_because": HOLDS.get(self.member.withdrawals_hold_reason, self.member.withdrawals_hold_reason),
            "rules": RULES,
        }

    def part_moves(self) -> Context:
        """The newest deposits and withdrawals, as one list."""
        deposits = selectors.deposits_of(self.member.pk).order_by("-id")[:RECENT]
        withdrawals = selectors.withdrawals_of(self.member.pk).order_by("-id")[:RECENT]
        moves = sorted([*deposits, *withdrawals], key=lambda move: move.created_at, reverse=True)
        return {"moves": moves[:RECENT], "states": STATES, "tones": TONES}


class StatementPage(MemberPage):
    template = "wallets/statement.html"
    parts: ClassVar = {"entries": "wallets/parts/entries.html"}

    def title(self) -> str:
        return _("Statement")

    def part_entries(self) -> Context:
        entries = selectors.entries_of(self.member.pk)
        return {"entries": listed(self.request, entries, order="-version"), "kinds": KINDS}


class StatementFile(MemberPage):
    """The same as CSV, as the API gives it."""

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        rows = (entry_json(entry) for entry in selectors.statement_of(self.member.pk))
        return csv_response(request, "wallet.csv", list(EntrySerializer().fields), rows)
