"""Errors in the words of each service's protocol."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from cloudworthy.local.endpoint.call import AwsError, Operation, Protocol
from cloudworthy.local.model.http import Response

_JSON_PREFIX = {
    "dynamodb": "com.amazon.coral.service#",
    "dynamodbstreams": "com.amazon.coral.service#",
}
_QUERY_CODES = {
    "AccessDeniedException": "AccessDenied",
    "KmsAccessDenied": "KMS.AccessDeniedException",
    "KmsDisabled": "KMS.DisabledException",
    "KmsInvalidState": "KMS.InvalidStateException",
}
_QUERY_COMPATIBLE = frozenset({"monitoring", "sqs"})
"""JSON services whose older clients still expect the query protocol's error code."""


def error_response(error: AwsError, operation: Operation) -> Response:
    """Word an error as the service would.

    Source: Smithy specification, "AWS protocols" (documented).
    """
    request_id = str(uuid.uuid4())
    match operation.protocol:
        case Protocol.REST_XML:
            return _rest_xml(error, request_id)
        case Protocol.QUERY:
            return _query(error, request_id)
        case Protocol.REST_JSON:
            return _rest_json(error, request_id)
        case Protocol.RPC_V2_CBOR:
            return _cbor(error, request_id)
    return _json(error, operation, request_id)


def _json(error: AwsError, operation: Operation, request_id: str) -> Response:
    kind = _JSON_PREFIX.get(operation.service, "") + error.code
    # DynamoDB spells the field in lower case, older JSON services read either.
    body = json.dumps({"__type": kind, "message": error.message}).encode()
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", operation.protocol.value)]
    if operation.service in _QUERY_COMPATIBLE:
        fault = "Sender" if error.status < 500 else "Receiver"
        code = _QUERY_CODES.get(error.code, error.code)
        headers.append(("x-amzn-query-error", f"{code};{fault}"))
    return Response(error.status, headers, body)


def _rest_json(error: AwsError, request_id: str) -> Response:
    body = json.dumps({"message": error.message}).encode()
    headers = [
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
        ("Content-Type", Protocol.REST_JSON.value),
    ]
    return Response(error.status, headers, body)


def _rest_xml(error: AwsError, request_id: str) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>"
    )
    headers = [("x-amz-request-id", request_id), ("Content-Type", Protocol.REST_XML.value)]
    return Response(error.status, headers, body.encode())


def _query(error: AwsError, request_id: str) -> Response:
    fault = "Sender" if error.status < 500 else "Receiver"
    body = (
        f"<ErrorResponse><Error><Type>{fault}</Type><Code>{error.code}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", Protocol.QUERY.value)]
    return Response(error.status, headers, body.encode())


def _cbor(error: AwsError, request_id: str) -> Response:
    texts = ("__type", error.code, "message", error.message)
    body = b"\xa2" + b"".join(_cbor_text(text) for text in texts)
    headers = [
        ("x-amzn-RequestId", request_id),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Type", Protocol.RPC_V2_CBOR.value),
    ]
    return Response(error.status, headers, body)


def _cbor_text(text: str) -> bytes:
    """A text string with a 32-bit length, which CBOR allows for any shorter one too."""
    encoded = text.encode()
    return b"\x7a" + len(encoded).to_bytes(4, "big") + encoded
