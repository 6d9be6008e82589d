from tests.factories.trading import buyer, market, moved_clock, quick_and_unlimited, seller

__all__ = ["buyer", "market", "moved_clock", "quick_and_unlimited", "seller"]
