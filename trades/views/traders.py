"""A trader as everybody may see him: reputation, offers, what others said; and whom one keeps in mind or away from."""

from functools import cached_property
from typing import ClassVar, Final

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from accounts.models import Relation, User
from accounts.trust.selectors import get_trader, records_of, relations_of
from accounts.trust.services import relate, unrelate
from iqx.core import clock
from iqx.core.errors import NotFound
from iqx.web.lists import listed
from iqx.web.members import MemberPage
from iqx.web.pages import ActionPage, Context, Page
from orders.models import Order
from orders.selectors import offers_of
from trades.selectors import feedback_about
from trades.views.markets import method_names

OFFERS: Final = 50


class TraderPage(Page):
    template = "trades/trader_page.html"

    @cached_property
    def trader(self) -> User:
        return get_trader(self.kwargs["trader_id"])

    def title(self) -> str:
        return self.trader.display_name

    def context(self) -> Context:
        trader = self.trader
        offers: list[Order] = list(offers_of(trader.pk, clock.now()).order_by("market_id", "side", "price")[:OFFERS])
        return {
            "trader": trader,
            "record": records_of([trader.pk])[trader.pk],
            "offers": offers,
            "method_names": method_names([code for offer in offers for code in offer.payment_methods]),
            "feedback": listed(self.request, feedback_about(trader.pk), limit=10),
            "relation": self._relation(),
            "is_me": self.user is not None and self.user.pk == trader.pk,
        }

    def _relation(self) -> str | None:
        if self.user is None:
            return None
        mine = Relation.objects.filter(owner=self.user, other=self.trader)
        return mine.values_list("kind", flat=True).first()


class RelateAction(ActionPage):
    """Keep somebody in mind, block him, or neither any more."""

    def act(self) -> str:
        me, other, wish = self.member.pk, self.kwargs["trader_id"], self.kwargs["wish"]
        if wish == "favourite":
            relate(owner_id=me, other_id=other, kind=Relation.Kind.FAVOURITE)
            return _("Kept among your favourites.")
        if wish == "block":
            relate(owner_id=me, other_id=other, kind=Relation.Kind.BLOCK)
            return _("Blocked: you are never matched with each other any more. Trades under way go on.")
        if wish == "unfavourite":
            unrelate(owner_id=me, other_id=other, kind=Relation.Kind.FAVOURITE)
            return _("No longer among your favourites.")
        if wish == "unblock":
            unrelate(owner_id=me, other_id=other, kind=Relation.Kind.BLOCK)
            return _("No longer blocked.")
        raise NotFound

    def next_page(self) -> str:
        if self.request.POST.get("back") == "people":
            return resolve_url("web:people")
        return resolve_url("web:trader", trader_id=self.kwargs["trader_id"])


class PeoplePage(MemberPage):
    """One's favourites, or whom one has blocked."""

    template = "trades/people.html"
    kinds: ClassVar = {"favourites": Relation.Kind.FAVOURITE, "blocked": Relation.Kind.BLOCK}

    def title(self) -> str:
        return _("People")

    def context(self) -> Context:
        which = "blocked" if self.request.GET.get("which") == "blocked" else "favourites"
        return {"which": which, "people": listed(self.request, relations_of(self.member.pk, self.kinds[which]))}
