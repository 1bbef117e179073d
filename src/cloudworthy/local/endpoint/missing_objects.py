"""Objects that are not there: only who may list the bucket hears so.

Source: Amazon S3 API reference, "GetObject" and "HeadObject", Permissions (documented): 404 with
``s3:ListBucket``, 403 without it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cloudworthy.local.endpoint.call import AwsError, Protocol
from cloudworthy.local.endpoint.s3_host import in_path_style
from cloudworthy.local.iam.decision import ApiCall, CallDecider
from cloudworthy.local.model.http import Request, Response

_READING = frozenset({"GetObject", "HeadObject"})

Send = Callable[[Request], Awaitable[Response]]


async def hide_missing(call: ApiCall, response: Response, decider: CallDecider, send: Send) -> None:
    """Refuse in the place of answering that there is no such object.

    ``send`` hands a request to S3.

    Raises
    ------
    AwsError
        ``AccessDenied``: the caller may not list the bucket.
    """
    if call.service != "s3" or call.operation not in _READING or response.status != 404:
        return
    if "versionId=" in call.request.query or b"NoSuchBucket" in response.body:
        return
    bucket = in_path_style(call.request).path.lstrip("/").partition("/")[0]
    host = [("Host", "127.0.0.1")]
    listing = ApiCall(
        call.principal,
        "s3",
        "ListObjectsV2",
        call.region,
        Request("GET", f"/{bucket}?list-type=2", host, client_ip=call.request.client_ip),
        Protocol.REST_XML.value,
        implied=True,
    )
    decision = await decider.decide(listing)
    if decision.allowed:
        return
    # The answer to HeadObject has no body that would say what is missing.
    if call.operation == "HeadObject":
        there = await send(Request("HEAD", f"/{bucket}", host))
        if there.status == 404:
            return
    raise AwsError("AccessDenied", decision.message, 403)
