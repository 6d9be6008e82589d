"""What the feed asks of accounts, for all that stands for a session: tokens, cookies and API keys."""

from collections.abc import Collection
from uuid import UUID

from accounts import selectors
from accounts.browser_sessions import Browser, live_browsers
from accounts.keys import KeyHolder, live_keys
from iqx.core.feed.ports import Principal


def live_sessions(principals: Collection[Principal]) -> set[UUID]:
    """The `session_id` of those whose session has not ended."""
    browsers = [principal for principal in principals if isinstance(principal, Browser)]
    held = [principal.session_id for principal in principals if isinstance(principal, KeyHolder)]
    tokens = [principal.session_id for principal in principals if not isinstance(principal, Browser | KeyHolder)]
    live = selectors.live_sessions(tokens) if tokens else set()
    live |= live_keys(held) if held else set()
    return live | live_browsers(browsers) if browsers else live
