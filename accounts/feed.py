"""What the feed asks of accounts, for both kinds of sessions: those of tokens and those of cookies."""

from collections.abc import Collection
from uuid import UUID

from accounts import selectors
from accounts.browser_sessions import Browser, live_browsers
from iqx.core.feed.ports import Principal


def live_sessions(principals: Collection[Principal]) -> set[UUID]:
    """The `session_id` of those whose session has not ended."""
    browsers = [principal for principal in principals if isinstance(principal, Browser)]
    tokens = [principal.session_id for principal in principals if not isinstance(principal, Browser)]
    live = selectors.live_sessions(tokens) if tokens else set()
    return live | live_browsers(browsers) if browsers else live
