"""Which bodies become binary or text on their way.

Source: Amazon API Gateway developer guide, "Content type conversions in API Gateway"
(documented); rest-aws-http-integrations-018.
"""

from __future__ import annotations

import base64
import binascii

from cloudworthy.local.apigateway.errors import misconfigured

TO_BINARY = "CONVERT_TO_BINARY"
TO_TEXT = "CONVERT_TO_TEXT"


def encoded(body: bytes) -> bytes:
    return base64.b64encode(body)


def decoded(body: bytes) -> bytes:
    """The binary that a base64 text stands for.

    Raises
    ------
    GatewayError
        500: it is none.
    """
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise misconfigured("Unable to base64 decode the body.") from error


def text_of(body: bytes, *, is_binary: bool) -> str:
    """The body as a template reads it.

    Raises
    ------
    GatewayError
        500: templates cannot read binaries.
    """
    if is_binary:
        raise misconfigured("Unable to transform a binary body with a template.")
    return body.decode("utf-8", "replace")
