from iqx.core.errors import Conflict


class ErasureRefused(Conflict):
    """`because` names what is in the way: `balance`, `orders`, `trades`, `disputes`, `money_requests`, `tickets`..."""

    code = "erasure_refused"
    detail = "This account can't be erased while something of it is under way."
