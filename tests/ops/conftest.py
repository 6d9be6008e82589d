from typing import Any

from django.core.files.storage import storages

from tests.factories.trading import buyer, market, moved_clock, quick_and_unlimited, seller

__all__ = ["buyer", "forget_storages", "market", "moved_clock", "quick_and_unlimited", "seller"]


def forget_storages() -> None:
    """Have the storages made anew, after their settings were changed."""
    known: Any = storages
    known._storages.clear()
