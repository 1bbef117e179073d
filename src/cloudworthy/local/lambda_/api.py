"""The Lambda API of the AWS endpoint: Invoke, and what describes a function."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    Function,
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    InvocationType,
    Invoker,
    ServiceError,
    TooManyRequestsError,
)
from cloudworthy.local.model.http import Request, Response

_MAX_CLIENT_CONTEXT_BYTES = 3583

_FUNCTIONS = "/2015-03-31/functions"
_TWO_QUALIFIERS = (
    "The derived qualifier from the function name does not match the specified qualifier."
)
_ARN = re.compile(
    r"(?P<prefix>(?:(?:arn:aws[\w-]*:lambda:[\w-]+:)?\d{12}:function:)?)"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)


@dataclass
class _ApiError(Exception):
    """An answer in the form of Lambda's REST-JSON errors."""

    status: int
    code: str
    message: str
    reason: str = ""
    message_key: str = "message"


class FunctionDirectory(Protocol):
    """Knows the functions that there are."""

    @property
    def functions(self) -> Mapping[str, Function]:
        """By name, as they are at ``$LATEST``."""
        ...

    def find(self, target: str) -> Function | None:
        """The function that ``name``, ``name:version`` or ``name:alias`` means."""
        ...


class LambdaApi:
    """Answers requests to the Lambda service.

    Parameters
    ----------
    functions
        The functions as they are now.
    invoker
        Runs them.
    region, account
        For the ARN of a function that does not exist.
    """

    def __init__(
        self,
        functions: FunctionDirectory,
        invoker: Invoker,
        *,
        region: str,
        account: str,
    ) -> None:
        self._functions = functions
        self._invoker = invoker
        self._arn_prefix = arn_of("lambda", region, account, "function:")

    async def handle(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        try:
            return await self._route(request, request_id)
        except _ApiError as error:
            return _error_response(error, request_id)

    async def _route(self, request: Request, request_id: str) -> Response:
        path = request.path.rstrip("/")
        if request.method == "GET" and path == _FUNCTIONS:
            listed = [_configuration(f) for f in self._functions.functions.values()]
            return _json({"Functions": listed, "NextMarker": None}, request_id)
        identifier, _, rest = path.removeprefix(f"{_FUNCTIONS}/").partition("/")
        if path.startswith(f"{_FUNCTIONS}/"):
            if (request.method, rest) == ("POST", "invocations"):
                return await self._invoke(self._target(identifier, request), request, request_id)
            if (request.method, rest) == ("GET", ""):
                return _json(_description(self._function(identifier, request)), request_id)
            if (request.method, rest) == ("GET", "configuration"):
                return _json(_configuration(self._function(identifier, request)), request_id)
        raise _ApiError(
            501,
            "UnsupportedOperationException",
            f"{request.method} {request.path} of Lambda is not available on this machine",
        )

    def _function(self, identifier: str, request: Request) -> Function:
        target = self._target(identifier, request)
        function = self._functions.find(target)
        if function is None:
            raise self._not_found(target)
        return function

    def _target(self, identifier: str, request: Request) -> str:
        """``name`` or ``name:qualifier`` from a name, a partial or a full ARN.

        The ARN of another account or region names a function that is not here.
        """
        match = _ARN.fullmatch(unquote(identifier))
        if match is None:
            raise _ApiError(400, "ValidationException", f"Invalid function name: {identifier}")
        query = parse_qs(request.query, keep_blank_values=True)
        qualifier = query.get("Qualifier", [""])[0] or match["qualifier"] or ""
        if match["qualifier"] not in (None, qualifier):
            raise _ApiError(400, "InvalidParameterValueException", _TWO_QUALIFIERS)
        target = match["name"] + (f":{qualifier}" if qualifier else "")
        if not self._arn_prefix.endswith(match["prefix"]):
            raise self._not_found(target, match["prefix"])
        return target

    def _not_found(self, target: str, prefix: str = "") -> _ApiError:
        message = f"Function not found: {prefix or self._arn_prefix}{target}"
        return _ApiError(404, "ResourceNotFoundException", message, message_key="Message")

    async def _invoke(self, target: str, request: Request, request_id: str) -> Response:
        invocation_type = _invocation_type(request)
        invocation = InvocationRequest(
            function_name=target,
            payload=_payload(request.body, invocation_type),
            invocation_type=invocation_type,
            client_context=_client_context(request.header("X-Amz-Client-Context")),
            trace_header=request.header("X-Amzn-Trace-Id") or "",
            request_id=request_id,
        )
        try:
            result = await self._invoker.invoke(invocation)
        except FunctionNotFoundError:
            raise self._not_found(target) from None
        except TooManyRequestsError as error:
            raise _ApiError(
                429, "TooManyRequestsException", "Rate Exceeded.", error.reason
            ) from None
        except ServiceError:
            message = "The Lambda service encountered an internal error"
            raise _ApiError(500, "ServiceException", message, message_key="Message") from None
        except CloudworthyError as error:
            raise _ApiError(501, "UnsupportedOperationException", str(error)) from None
        return _invoke_response(invocation, result, request)


def _payload(body: bytes, invocation_type: InvocationType) -> bytes:
    """The event; without one it is an empty object."""
    limit = invocation_type.max_payload_bytes
    if len(body) > limit:
        raise _ApiError(
            413,
            "RequestEntityTooLargeException",
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
        )
    if not body:
        return b"{}"
    try:
        json.loads(body)
    except ValueError as error:
        raise _ApiError(
            400,
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {error}",
        ) from None
    return body


def _invocation_type(request: Request) -> InvocationType:
    value = request.header("X-Amz-Invocation-Type") or InvocationType.REQUEST_RESPONSE
    try:
        return InvocationType(value)
    except ValueError:
        raise _ApiError(
            400, "InvalidParameterValueException", f"Unsupported invocation type: {value}"
        ) from None


def _client_context(encoded: str | None) -> str | None:
    """The caller's context as JSON that fits a header."""
    if encoded is None:
        return None
    try:
        context = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        context = None
    if not isinstance(context, dict) or len(encoded) > _MAX_CLIENT_CONTEXT_BYTES:
        raise _ApiError(
            400,
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        )
    return json.dumps(context)


def _invoke_response(
    invocation: InvocationRequest, result: InvocationResult, request: Request
) -> Response:
    headers = [("x-amzn-RequestId", result.request_id), ("Content-Type", "application/json")]
    if invocation.invocation_type is InvocationType.DRY_RUN:
        return Response(204, headers)
    if invocation.invocation_type is InvocationType.EVENT:
        return Response(202, headers)
    headers.append(("X-Amz-Executed-Version", result.executed_version))
    if result.function_error is not None:
        headers.append(("X-Amz-Function-Error", result.function_error))
    if request.header("X-Amz-Log-Type") == "Tail":
        headers.append(("X-Amz-Log-Result", base64.b64encode(result.log_tail).decode()))
    return Response(200, headers, result.payload)


def _configuration(function: Function) -> dict[str, Any]:
    latest = function.version == "$LATEST"
    return {
        "FunctionName": function.name,
        "FunctionArn": function.arn + ("" if latest else f":{function.version}"),
        "Role": function.role_arn,
        "Runtime": function.runtime,
        "Handler": function.handler,
        "Timeout": function.timeout_s,
        "MemorySize": function.memory_mib,
        "Version": function.version,
        "PackageType": "Zip",
        "Architectures": [function.architecture],
        "Environment": {"Variables": dict(function.environment)},
        "TracingConfig": {"Mode": "Active" if function.tracing_active else "PassThrough"},
        "LoggingConfig": {"LogFormat": function.log_format, "LogGroup": function.log_group},
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


def _description(function: Function) -> dict[str, Any]:
    description: dict[str, Any] = {"Configuration": _configuration(function)}
    if function.reserved_concurrency is not None:
        description["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
    return description


def _json(body: Mapping[str, Any], request_id: str) -> Response:
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", "application/json")]
    return Response(200, headers, json.dumps(body).encode())


def _error_response(error: _ApiError, request_id: str) -> Response:
    body = {"Type": "User" if error.status < 500 else "Service", error.message_key: error.message}
    if error.reason:
        body = {"Reason": error.reason, **body}
    headers = [
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
        ("Content-Type", "application/json"),
    ]
    return Response(error.status, headers, json.dumps(body).encode())
