"""STS: who somebody is, and sessions of roles; the endpoint knows its own credentials only."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, timedelta
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.iam.credentials import CredentialStore, unique_id
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import Principal

_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_SHORTEST_S, _LONGEST_S, _CHAINED_S = 900, 43_200, 3_600
_LEFT_OUT = ("Policy", "PolicyArns.", "Tags.", "TransitiveTagKeys.", "ProvidedContexts.")
_OF_USERS = frozenset({"GetFederationToken", "GetSessionToken"})
_OF_OTHERS = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot"})
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def caller_identity(principal: Principal) -> Response:
    """The answer to ``GetCallerIdentity``.

    Source: AWS STS API reference, "GetCallerIdentity" (documented).
    """
    return _answer(
        "GetCallerIdentity",
        f"<Arn>{escape(principal.arn)}</Arn><UserId>{escape(unique_id(principal))}</UserId>"
        f"<Account>{principal.account}</Account>",
    )


def check_session_caller(operation: str, principal: Principal) -> None:
    """Refuse what would give credentials that nobody here could tell from made-up ones.

    Raises
    ------
    AwsError

    Source: AWS STS API reference, "GetSessionToken" and "GetFederationToken" (documented): they
    are for users.
    """
    if operation in _OF_USERS and principal.role_arn:
        raise AwsError("AccessDenied", f"Cannot call {operation} with session credentials", 403)
    if operation in _OF_OTHERS:
        message = f"{operation} is not available on this machine"
        raise AwsError("NotImplemented", message, 501)


def assumed_role(
    request: Request, principal: Principal, credentials: CredentialStore, clock: Clock
) -> Response:
    """The answer to ``AssumeRole``, which has been decided on: a session of the role.

    Session policies and tags would change what it may do, and are refused.

    Raises
    ------
    AwsError
        ``ValidationError``, or what is not available here.

    Source: AWS STS API reference, "AssumeRole" (documented).
    """
    asked = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    asked = dict(parse_qsl(request.query, keep_blank_values=True)) | asked
    _check_supported(asked)
    role_arn, name = asked.get("RoleArn", ""), asked.get("RoleSessionName", "")
    if not _ROLE_ARN.fullmatch(role_arn):
        raise AwsError("ValidationError", f"{role_arn} is invalid", 400)
    if not _SESSION_NAME.fullmatch(name):
        message = f"Value '{name}' at 'roleSessionName' failed to satisfy constraint"
        raise AwsError("ValidationError", message, 400)
    lifetime = timedelta(seconds=_duration_s(asked.get("DurationSeconds", ""), principal))
    issued = credentials.issue(role_arn, session_name=name, lifetime=lifetime)
    session = credentials.find(issued.access_key_id)
    if session is None:
        raise RuntimeError("a session that has just been issued is not known")
    ends = (clock.now() + lifetime).astimezone(UTC)
    return _answer(
        "AssumeRole",
        f"<Credentials><AccessKeyId>{issued.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{issued.secret_access_key}</SecretAccessKey>"
        f"<SessionToken>{issued.session_token}</SessionToken>"
        f"<Expiration>{ends:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials><AssumedRoleUser>"
        f"<AssumedRoleId>{escape(unique_id(session.principal))}</AssumedRoleId>"
        f"<Arn>{escape(session.principal.arn)}</Arn></AssumedRoleUser>",
    )


def _check_supported(asked: Mapping[str, str]) -> None:
    for name in asked:
        if name.startswith(_LEFT_OUT):
            member = name.partition(".")[0]
            message = f"AssumeRole with {member} is not available on this machine"
            raise AwsError("NotImplemented", message, 501)


def _duration_s(text: str, principal: Principal) -> int:
    """A session that assumes another role gets an hour at most."""
    longest = _CHAINED_S if principal.role_arn else _LONGEST_S
    if not text:
        return _CHAINED_S
    if not text.isdecimal() or not _SHORTEST_S <= int(text) <= longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", message, 400)
    return int(text)


def _answer(operation: str, result: str) -> Response:
    request_id = str(uuid.uuid4())
    body = (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{result}'
        f"</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId>"
        f"</ResponseMetadata></{operation}Response>"
    )
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", "text/xml")]
    return Response(200, headers, body.encode())
