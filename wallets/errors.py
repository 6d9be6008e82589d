from iqx.core.errors import Conflict, NotFound, RuleViolated


class InsufficientFunds(RuleViolated):
    """Carries `available`, what the wallet can spend."""

    code = "insufficient_funds"
    detail = "There is not enough USDT available."


class MoneyRequestNotFound(NotFound):
    code = "not_found"
    detail = "There is no such deposit or withdrawal, or it is not yours."
