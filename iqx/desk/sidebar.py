"""What the admin's sidebar leads to: the desk first, then the exchange; all tables are behind "All applications"."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse


def styles(_request: HttpRequest) -> str:
    return static("desk/desk.css")


def icon(_request: HttpRequest) -> str:
    return static("iqx/icon.svg")


def navigation(_request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "title": "Desk",
            "items": [
                _page("Dashboard", "dashboard", "admin:index"),
                _page("Disputes", "gavel", "desk:queue", "disputes"),
                _page("Withdrawals", "north_east", "desk:queue", "withdrawals"),
                _page("Second person", "group_add", "desk:queue", "approvals"),
                _page("Deposits", "south_west", "desk:queue", "deposits"),
                _page("Identity documents", "badge", "desk:queue", "kyc"),
                _page("Tickets", "support_agent", "desk:queue", "tickets"),
                _page("Flagged", "flag", "desk:queue", "flags"),
            ],
        },
        {
            "title": "Exchange",
            "separator": True,
            "items": [
                _page("People", "group", "desk:people"),
                _page("Trades", "swap_horiz", "admin:trades_trade_changelist"),
                _page("Markets and fees", "storefront", "desk:markets"),
                _page("Announcements", "campaign", "desk:announcements"),
            ],
        },
    ]


def _page(title: str, icon: str, name: str, *arguments: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(name, args=arguments)}
