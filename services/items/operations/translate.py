"""What a client is told of the exceptions that mean something to it: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway import errors as api
from items.data.connection import UnavailableError
from items.logic import errors
from items.operations.entity_tags import etag

if TYPE_CHECKING:
    from collections.abc import Callable


def translate(error: Exception) -> api.ApiError | None:
    """The answer to an exception; None when the client is told nothing of it."""
    make = _ANSWERS.get(type(error))
    return make(error) if make else None


def _invalid(error: errors.InvalidInputError) -> api.ApiError:
    return api.BadRequestError((each.field, each.reason) for each in error.problems)


def _conflict(error: errors.VersionConflictError) -> api.ApiError:
    message = "The item has been changed since the version in If-Match."
    details, headers = {"current": error.current}, etag(error.version)
    return api.PreconditionFailedError(message, details=details, headers=headers)


_ANSWERS: dict[type[Exception], Callable[[Any], api.ApiError]] = {
    errors.InvalidInputError: _invalid,
    errors.ItemNotFoundError: lambda _: api.NotFoundError("There is no item with this id."),
    errors.VersionConflictError: _conflict,
    errors.ItemExistsError: lambda _: api.ConflictError("The id is taken."),
    errors.ItemTooLargeError: lambda _: api.PayloadTooLargeError(
        "The item would be larger than an item can be."
    ),
    errors.IdempotencyKeyReusedError: lambda _: api.IdempotencyKeyReusedError(
        "The Idempotency-Key was used with another body."
    ),
    UnavailableError: lambda _: api.UnavailableError(),
}
