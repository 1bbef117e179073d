"""The errors that a client sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ApiError(Exception):
    """An answer other than success: status, code and message are for the client's eyes."""

    status = 500
    code = "internal_error"

    def __init__(
        self, message: str, *, details: object = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


class InternalError(ApiError):
    def __init__(self) -> None:
        super().__init__("Something went wrong on our side. The request id finds it in the logs.")


class BadRequestError(ApiError):
    status = 400
    code = "invalid_request"

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        details = [{"field": field, "reason": reason} for field, reason in problems]
        message = "; ".join(f"{each['field']}: {each['reason']}" for each in details[:3])
        super().__init__(message, details=details)

    @classmethod
    def of(cls, field: str, reason: str) -> BadRequestError:
        return cls([(field, reason)])


class NotFoundError(ApiError):
    status = 404
    code = "not_found"


class MethodNotAllowedError(ApiError):
    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: str) -> None:
        message = f"{method} is not allowed here. Allowed: {allowed}."
        super().__init__(message, headers={"Allow": allowed})


class ConflictError(ApiError):
    status = 409
    code = "conflict"


class PreconditionFailedError(ApiError):
    status = 412
    code = "precondition_failed"


class PayloadTooLargeError(ApiError):
    status = 413
    code = "payload_too_large"


class UnsupportedMediaTypeError(ApiError):
    status = 415
    code = "unsupported_media_type"


class IdempotencyKeyReusedError(ApiError):
    status = 422
    code = "idempotency_key_reused"


class UnavailableError(ApiError):
    status = 503
    code = "service_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The service is busy or not reachable. Try again.", headers={"Retry-After": "1"}
        )
