"""Names of the operations of Lambda's REST API."""

from __future__ import annotations

import re

from cloudworthy.local.model.http import Request

_VERSION = r"/20\d\d-\d\d-\d\d"
_FUNCTION = rf"^{_VERSION}/functions/[^/]+"
_ROUTES = [
    (re.compile(pattern), operations)
    for pattern, operations in (
        (rf"{_FUNCTION}/invocations$", {"POST": "Invoke"}),
        (rf"{_FUNCTION}/invoke-async/?$", {"POST": "InvokeAsync"}),
        (rf"{_FUNCTION}/response-streaming-invocations$", {"POST": "InvokeWithResponseStream"}),
        (
            rf"{_FUNCTION}/configuration$",
            {"GET": "GetFunctionConfiguration", "PUT": "UpdateFunctionConfiguration"},
        ),
        (rf"{_FUNCTION}/code$", {"PUT": "UpdateFunctionCode"}),
        (rf"{_FUNCTION}/versions$", {"GET": "ListVersionsByFunction", "POST": "PublishVersion"}),
        (rf"{_FUNCTION}/policy$", {"GET": "GetPolicy", "POST": "AddPermission"}),
        (rf"{_FUNCTION}$", {"GET": "GetFunction", "DELETE": "DeleteFunction"}),
        (rf"^{_VERSION}/functions/?$", {"GET": "ListFunctions", "POST": "CreateFunction"}),
    )
]


def lambda_operation(request: Request) -> str:
    """The operation's name; method and path when it is not one about functions.

    Source: AWS Lambda API reference, "Actions" (documented).
    """
    for pattern, operations in _ROUTES:
        if request.method in operations and pattern.match(request.path):
            return operations[request.method]
    return f"{request.method} {request.path}"
