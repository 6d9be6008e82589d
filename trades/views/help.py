"""Help that strangers can read, too; what it says in figures is what the platform goes by at this moment."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import PaymentMethod
from accounts.trust.representations import limits_json
from iqx.web.pages import Context, Page
from orders.models import Market


class HelpPage(Page):
    template = "help/help.html"

    def title(self) -> str:
        return _("Help")


class EscrowPage(Page):
    template = "help/escrow.html"

    def title(self) -> str:
        return _("How a trade works")

    def context(self) -> Context:
        return {"clocks": settings.TRADE_CLOCKS}


class ScamsPage(Page):
    template = "help/scams.html"

    def title(self) -> str:
        return _("How scams look")


class FeesPage(Page):
    template = "help/fees.html"

    def title(self) -> str:
        return _("Fees and limits")

    def context(self) -> Context:
        methods = PaymentMethod.objects.order_by("name")
        return {
            "markets": Market.objects.order_by("symbol"),
            "limits": limits_json(),
            "fee": settings.WITHDRAWAL_FEE,
            "methods": [(method, settings.PAYMENT_CAPS[method.risk]) for method in methods],
            "level": self.user.kyc_level if self.user else None,
        }
