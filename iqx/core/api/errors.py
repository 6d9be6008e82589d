"""What may be wrong with a request before any use case sees it."""

from iqx.core.errors import Busy, DomainError


class Malformed(DomainError):
    status = 400
    code = "malformed"
    detail = "The request could not be read."


class NotAuthenticated(DomainError):
    status = 401
    code = "not_authenticated"
    detail = "This needs an access token: `Authorization: Bearer <token>`."


class MethodNotAllowed(DomainError):
    status = 405
    code = "method_not_allowed"
    detail = "This address does not know that method; the Allow header lists those it knows."


class PayloadTooLarge(DomainError):
    status = 413
    code = "payload_too_large"
    detail = "The body is larger than the platform accepts."


class UnsupportedMediaType(DomainError):
    status = 415
    code = "unsupported_media_type"
    detail = "The body is not in a format that this address reads; send application/json."


class Throttled(DomainError):
    status = 429
    code = "throttled"
    detail = "Too many requests; the Retry-After header says when to try again."


class InternalError(DomainError):
    """The one error that is our fault. Its cause is in the log, under the request id."""

    status = 500
    code = "internal_error"
    detail = "Something went wrong on our side. Tell support the request id."


class DatabaseAway(Busy):
    detail = "The platform can't reach its database at the moment; try again."
    retry_after_s = 5
