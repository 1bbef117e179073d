"""``TimeoutInMillis`` of an integration, of either kind of API."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition.properties import Properties

_LEAST_MS = 50


def timeout_s(properties: Properties, *, most_ms: int) -> float:
    """The timeout in seconds; the longest there is when the template has none.

    Source: API Gateway API reference, ``timeoutInMillis`` (documented). For Regional APIs an
    account may be given more than 29 seconds, which is no default and so refused.

    Raises
    ------
    TemplateError
        API Gateway would not take it.
    """
    timeout_ms = properties.number("TimeoutInMillis")
    if timeout_ms is None:
        return most_ms / 1000
    if not _LEAST_MS <= timeout_ms <= most_ms:
        raise properties.invalid(
            "TimeoutInMillis",
            found=f"{timeout_ms:g}",
            expected=f"what API Gateway accepts: {_LEAST_MS} to {most_ms} ms",
            action="Choose a timeout in this range",
        )
    return timeout_ms / 1000
