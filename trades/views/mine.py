"""One's own orders and trades."""

from typing import ClassVar, Final

from django.utils.translation import gettext as _

from iqx.notices.views.devices import offered_key
from iqx.web.lists import listed
from iqx.web.pages import Context, Page
from orders.models import Order
from orders.selectors import orders_of
from trades.models import Trade
from trades.selectors import trades_of
from trades.views.offers import shop_of

_CLOSED_TRADES: Final = [status.value for status in Trade.Status if status not in Trade.LIVE]


class TradesPage(Page):
    template = "trades/trades.html"
    parts: ClassVar = {"trades": "trades/parts/trades.html"}
    members_only = True

    def title(self) -> str:
        return _("Trades")

    def context(self) -> Context:
        return {"which": self.which(), "push_key": offered_key(self.request)}

    def which(self) -> str:
        return self.request.GET.get("which", "all")

    def part_trades(self) -> Context:
        trades = trades_of(self.member.pk).select_related("market")
        if self.which() == "live":
            trades = trades.filter(status__in=Trade.LIVE)
        elif self.which() == "closed":
            trades = trades.filter(status__in=_CLOSED_TRADES)
        return {"trades": listed(self.request, trades), "which": self.which()}


class OrdersPage(Page):
    template = "trades/orders.html"
    parts: ClassVar = {"orders": "trades/parts/orders.html"}
    members_only = True

    def title(self) -> str:
        return _("Orders")

    def context(self) -> Context:
        return {"which": self.which(), "push_key": offered_key(self.request)}

    def which(self) -> str:
        return self.request.GET.get("which", "live")

    def part_orders(self) -> Context:
        orders = orders_of(self.member.pk).select_related("market")
        if self.which() == "live":
            orders = orders.filter(status__in=Order.LIVE)
        return {"orders": listed(self.request, orders), "which": self.which(), "shop": shop_of(self.member.pk)}
