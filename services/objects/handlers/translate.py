"""What a client is told of the exceptions that mean something to it: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway import errors as api
from objects.data.bucket import ConditionFailedError, NoSuchObjectError
from objects.data.connection import UnavailableError
from objects.logic import errors
from objects.logic.content import MAX_BYTES
from secret_value.secrets_manager import SecretUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable


def translate(error: Exception) -> api.ApiError | None:
    """The answer to an exception; None when the client is told nothing of it."""
    make = _ANSWERS.get(type(error))
    return make(error) if make else None


def _too_large(error: errors.ObjectTooLargeError) -> api.ApiError:
    message = "The object is larger than an answer can be. Use the URL in details."
    details = {"size": error.size, "url": error.url, "expires_in": error.expires_in_s}
    return api.PayloadTooLargeError(message, details=details)


_ANSWERS: dict[type[Exception], Callable[[Any], api.ApiError]] = {
    errors.InvalidInputError: lambda error: api.BadRequestError.of(error.field, error.reason),
    errors.ContentTooLargeError: lambda _: api.PayloadTooLargeError(
        f"The content is larger than {MAX_BYTES} bytes. Use upload=presigned."
    ),
    errors.ObjectTooLargeError: _too_large,
    NoSuchObjectError: lambda _: api.NotFoundError("There is no object with this key."),
    ConditionFailedError: lambda _: api.PreconditionFailedError(
        "The object is not what If-Match or If-None-Match says."
    ),
    UnavailableError: lambda _: api.UnavailableError(),
    SecretUnavailableError: lambda _: api.UnavailableError(),
}
