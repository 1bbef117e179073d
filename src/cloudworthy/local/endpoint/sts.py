"""Who am I: the one operation of STS that the endpoint knows the answer to."""

from __future__ import annotations

import uuid
from xml.sax.saxutils import escape

from cloudworthy.local.iam.credentials import unique_id
from cloudworthy.local.model.http import Response
from cloudworthy.local.model.identity import Principal

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def caller_identity(principal: Principal) -> Response:
    """The answer to ``GetCallerIdentity``.

    Source: AWS STS API reference, "GetCallerIdentity" (documented).
    """
    request_id = str(uuid.uuid4())
    body = (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
        f"<Arn>{escape(principal.arn)}</Arn><UserId>{escape(unique_id(principal))}</UserId>"
        f"<Account>{principal.account}</Account></GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    )
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", "text/xml")]
    return Response(200, headers, body.encode())
