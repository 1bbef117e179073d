"""The three protocols of CloudWatch's API: JSON, CBOR and query."""

from __future__ import annotations

import gzip
import json
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

from cloudworthy.local.endpoint.call import AwsError, Operation, Protocol
from cloudworthy.local.endpoint.classify import classify
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.operations import OperationError, Operations


def rpc_handler(operations: Operations, namespace: str) -> Handler:
    """Serve operations in the protocol that each request comes in.

    ``namespace`` is that of the XML of the query protocol.

    Source: Smithy specification, "AWS protocols" (documented).
    """

    async def handle(request: Request) -> Response:
        operation = classify(request, parse_signature(request))
        parameters = _decoded(request, operation.protocol)
        try:
            answer = await operations(operation.name, parameters)
        except OperationError as error:
            raise AwsError(error.code, error.message, error.status) from error
        return _encoded(answer, operation, namespace)

    return handle


def _decoded(request: Request, protocol: Protocol) -> Mapping[str, Any]:
    try:
        body = request.body
        if (request.header("content-encoding") or "") == "gzip":
            body = gzip.decompress(body)
        return _DECODERS[protocol](body or request.query.encode())
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise AwsError(
            "SerializationException", f"The body cannot be read: {error}", 400
        ) from error


def _from_json(body: bytes) -> Mapping[str, Any]:
    return _object(json.loads(body or b"{}"))


def _from_cbor(body: bytes) -> Mapping[str, Any]:
    import cbor2  # noqa: PLC0415 - only some SDKs speak it

    try:
        return _object(cbor2.loads(body) if body else {})
    except cbor2.CBORDecodeError as error:
        raise ValueError(str(error)) from error


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - the caller's data, not a type error
    return value


def _from_query(body: bytes) -> Mapping[str, Any]:
    """``Dimensions.member.1.Name=a`` is ``{"Dimensions": [{"Name": "a"}]}``."""
    tree: dict[str, Any] = {}
    for path, text in parse_qsl(body.decode(), keep_blank_values=True):
        *parents, leaf = path.split(".")
        node = tree
        for name in parents:
            node = node.setdefault(name, {})
        node[leaf] = text
    return _object({name: _without_members(node) for name, node in tree.items()})


def _without_members(node: object) -> object:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        members = node["member"]
        return [_without_members(members[number]) for number in sorted(members, key=int)]
    return {name: _without_members(it) for name, it in node.items()}


_DECODERS: Mapping[Protocol, Callable[[bytes], Mapping[str, Any]]] = {
    Protocol.JSON_1_0: _from_json,
    Protocol.JSON_1_1: _from_json,
    Protocol.RPC_V2_CBOR: _from_cbor,
    Protocol.QUERY: _from_query,
}


def _encoded(answer: Mapping[str, Any], operation: Operation, namespace: str) -> Response:
    request_id = str(uuid.uuid4())
    protocol = operation.protocol
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", protocol.value)]
    if protocol is Protocol.QUERY:
        return Response(200, headers, _xml(answer, operation.name, namespace, request_id))
    if protocol is Protocol.RPC_V2_CBOR:
        import cbor2  # noqa: PLC0415 - only some SDKs speak it

        headers.append(("smithy-protocol", "rpc-v2-cbor"))
        return Response(200, headers, cbor2.dumps(dict(answer), datetime_as_timestamp=True))
    return Response(200, headers, json.dumps(answer, default=_seconds).encode())


def _seconds(value: object) -> float:
    """A time as JSON protocols write it."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} has no form in JSON")
    return value.timestamp()


def _xml(answer: Mapping[str, Any], operation: str, namespace: str, request_id: str) -> bytes:
    response = Element(f"{operation}Response", xmlns=namespace)
    result = SubElement(response, f"{operation}Result")
    _fill(result, answer.items())
    SubElement(SubElement(response, "ResponseMetadata"), "RequestId").text = request_id
    return tostring(response)


def _fill(parent: Element, fields: Iterable[tuple[str, Any]]) -> None:
    for name, value in fields:
        element = SubElement(parent, name)
        if isinstance(value, Mapping):
            _fill(element, value.items())
        elif isinstance(value, list | tuple):
            _fill(element, (("member", it) for it in value))
        else:
            element.text = _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).isoformat('T', 'milliseconds')[:23]}Z"
    return str(value)
