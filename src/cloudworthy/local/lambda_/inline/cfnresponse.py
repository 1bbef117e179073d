"""Sends a custom resource's answer; copied beside inline code that imports it.

Source: CloudFormation template reference, "cfn-response module" (documented).
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(
    event: Mapping[str, Any],
    context: Any,  # noqa: ANN401 - Lambda's context, whose type the code does not see
    responseStatus: str,  # noqa: N803
    responseData: Mapping[str, Any] | None,  # noqa: N803
    physicalResourceId: str | None = None,  # noqa: N803
    noEcho: bool = False,  # noqa: FBT001, FBT002, N803
    reason: str | None = None,
) -> None:
    """Put the answer to the ``ResponseURL`` of the event."""
    log = f"See the details in CloudWatch Log Stream: {context.log_stream_name}"
    body = {
        "Status": responseStatus,
        "Reason": reason or log,
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    request = urllib.request.Request(  # noqa: S310 - a URL of CloudFormation
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass
