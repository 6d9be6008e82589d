"""What somebody may do now, and why not: the checks of the use cases themselves, asked without the act."""

from collections.abc import Callable
from typing import Any

from iqx.core.errors import DomainError

Check = Callable[[], object]


def verdict(*checks: Check) -> dict[str, Any]:
    """`{"allowed": true, "problem": null}`, or the first refusal, as the act itself would be answered."""
    try:
        for check in checks:
            check()
    except DomainError as error:
        return {"allowed": False, "problem": {"code": error.code, "detail": error.detail, **error.extra}}
    return {"allowed": True, "problem": None}
