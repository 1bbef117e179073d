"""The principal behind a signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from cloudworthy.local.endpoint import signature as v4
from cloudworthy.local.endpoint import signature_v2 as v2
from cloudworthy.local.endpoint.call import AwsError, Operation, Protocol, Signature, SignatureKind
from cloudworthy.local.endpoint.s3_form import parse_form
from cloudworthy.local.iam.credentials import CredentialStore, IssuedCredentials, looks_issued
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal

ANONYMOUS = Principal("", "")
"""The caller of an unsigned request."""

_PRESIGNED = frozenset({SignatureKind.V4_QUERY, SignatureKind.V2_QUERY})

_UNKNOWN = {
    Protocol.QUERY: "InvalidClientTokenId",
    Protocol.REST_XML: "InvalidAccessKeyId",
}
_EXPIRED = {Protocol.QUERY: "ExpiredToken", Protocol.REST_XML: "ExpiredToken"}
_MISMATCH = {Protocol.QUERY: "SignatureDoesNotMatch", Protocol.REST_XML: "SignatureDoesNotMatch"}


class Identifier:
    """Tells who calls.

    Keys issued here are checked in full: signature, session token, expiry. Any other key is
    the person at the machine, who may use whatever credentials the shell holds; they cannot
    be checked, and the endpoint listens on the loopback address only. A function is known by
    its connection: with keys it made up it is nobody, as on AWS.
    """

    def __init__(self, credentials: CredentialStore, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock

    def identify(self, request: Request, signature: Signature, operation: Operation) -> Principal:
        """The principal a request comes from.

        Raises
        ------
        AwsError
            The key is one of ours and unknown, expired, or its signature is wrong; or a
            presigned URL is too old.
        """
        if signature.kind is SignatureKind.NONE:
            return ANONYMOUS
        if signature.kind in _PRESIGNED:
            self._check_age(request, signature)
        issued = self._credentials.find(signature.access_key_id)
        if issued is not None:
            self._check(request, signature, issued, operation.protocol)
            return issued.principal
        person = self._credentials.person_at(request.connection)
        if looks_issued(signature.access_key_id) or person is None:
            raise _unknown_key(operation.protocol)
        return person

    def _check(
        self, request: Request, signature: Signature, issued: IssuedCredentials, protocol: Protocol
    ) -> None:
        if self._credentials.has_expired(issued):
            code = _EXPIRED.get(protocol, "ExpiredTokenException")
            status = 403 if protocol is Protocol.QUERY else 400
            message = "The security token included in the request is expired"
            raise AwsError(code, message, status)
        if _session_token(request, signature) != issued.credentials.session_token:
            raise _unknown_key(protocol)
        if not _is_signed_with(request, signature, issued.credentials.secret_access_key):
            raise _mismatch(protocol)

    def _check_age(self, request: Request, signature: Signature) -> None:
        """Source: Amazon S3 user guide, "Limiting presigned URL capabilities" (documented)."""
        fields = dict(parse_qsl(request.query, keep_blank_values=True))
        try:
            if signature.kind is SignatureKind.V2_QUERY:
                ends = datetime.fromtimestamp(int(fields["Expires"]), UTC)
            else:
                signed = datetime.strptime(fields["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
                lifetime = timedelta(seconds=int(fields["X-Amz-Expires"]))
                ends = signed + lifetime
        except (KeyError, ValueError, OverflowError) as error:
            message = "Query-string authentication requires the date and expiry parameters"
            raise AwsError("AuthorizationQueryParametersError", message, 400) from error
        if self._clock.now() >= ends:
            raise AwsError("AccessDenied", "Request has expired", 403)


def _session_token(request: Request, signature: Signature) -> str:
    if signature.kind in _PRESIGNED:
        for name, value in parse_qsl(request.query):
            if name.lower() == "x-amz-security-token":
                return value
    if signature.kind is SignatureKind.V4_POLICY:
        form = parse_form(request)
        return form.fields.get("x-amz-security-token", "") if form else ""
    return request.header("x-amz-security-token") or ""


def _is_signed_with(request: Request, signature: Signature, secret: str) -> bool:
    if signature.kind is SignatureKind.V2_QUERY:
        return v2.is_valid(request, signature, secret)
    if signature.kind is SignatureKind.V4_POLICY:
        return v4.is_valid_policy(signature, secret)
    if signature.kind is SignatureKind.V2_HEADER:
        return False
    return v4.is_valid(request, signature, secret)


def _unknown_key(protocol: Protocol) -> AwsError:
    if protocol is Protocol.REST_XML:
        message = "The AWS Access Key Id you provided does not exist in our records."
    else:
        message = "The security token included in the request is invalid."
    code = _UNKNOWN.get(protocol, "UnrecognizedClientException")
    json_1_0 = protocol in {Protocol.JSON_1_0, Protocol.JSON_1_1}
    return AwsError(code, message, 400 if json_1_0 else 403)


def _mismatch(protocol: Protocol) -> AwsError:
    code = _MISMATCH.get(protocol, "InvalidSignatureException")
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    )
    json_1_0 = protocol in {Protocol.JSON_1_0, Protocol.JSON_1_1}
    return AwsError(code, message, 400 if json_1_0 else 403)
