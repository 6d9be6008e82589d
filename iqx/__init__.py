"""IQX: a self-hosted P2P trading platform for USDT against fiat money."""

__version__ = "0.1.0"
