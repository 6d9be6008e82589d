"""Where on our pages one finds what a notice is about."""

from typing import Any, Final

from iqx.notices.catalogue import BY_CODE

PAGES: Final = {
    "trade": "/trades/{id}",
    "dispute": "/disputes/{id}",
    "deposit": "/wallet",
    "withdrawal": "/wallet",
    "ticket": "/support/{id}",
    "webhook": "/account/webhooks/{id}",
}


def page_about(kind: str, facts: dict[str, Any]) -> str:
    """The page's path; empty for a notice that is about nothing with a page of its own."""
    about = BY_CODE[kind].about
    return PAGES[about[0]].format(id=facts[about[1]]) if about else ""
