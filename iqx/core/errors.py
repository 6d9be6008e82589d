"""The one root of everything that a caller may do wrong.

A use case raises a `DomainError`; `iqx.core.api.problems` alone knows how it looks over HTTP. Codes are unique and
stable: clients branch on them. `docs/errors.md` is generated from these classes.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal that changed nothing. `extra` reaches the client beside `code` and `detail`."""

    status: ClassVar[int] = 422
    code: ClassVar[str]
    detail: str = "The request was refused."

    def __init__(self, detail: str | None = None, **extra: object) -> None:
        self.detail = detail or self.detail
        self.extra: dict[str, Any] = extra
        super().__init__(self.detail)


class NotFound(DomainError):
    status = 404
    code = "not_found"
    detail = "There is no such object, or it is not yours."


class NotAllowed(DomainError):
    status = 403
    code = "permission_denied"
    detail = "You may not do this."


class Conflict(DomainError):
    status = 409
    code = "conflict"
    detail = "The object is not in a state that permits this."


class RuleViolated(DomainError):
    status = 422
    code = "rule_violated"
    detail = "A rule of the platform does not permit this."


class Invalid(DomainError):
    """Well-formed input that makes no sense; `field` names the culprit."""

    status = 400
    code = "validation_error"
    detail = "The input is not valid."

    def __init__(self, detail: str | None = None, *, field: str, **extra: object) -> None:
        super().__init__(detail, **extra)
        self.field = field


class LimitExceeded(RuleViolated):
    code = "limit_exceeded"
    detail = "This would exceed a limit of your account."


class Busy(DomainError):
    """A lock could not be had in time, or a deadlock was broken: nothing happened, try again."""

    status = 503
    code = "busy"
    detail = "The platform is busy with the same object; nothing was changed, try again."
    retry_after_s: ClassVar[int] = 1


class UnderMaintenance(DomainError):
    """Reading goes on; log-in, too. `reason`, `since` and `until` say more, and no clock of a trade runs meanwhile."""

    status = 503
    code = "maintenance"
    detail = "The platform is in maintenance: nothing can be changed for the moment, and no deadline passes."
    retry_after_s: int = 30
