"""Who calls, for which service and region: read from the signature."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from cloudworthy.local.endpoint.call import UNSIGNED, AwsError, Signature, SignatureKind
from cloudworthy.local.endpoint.s3_form import parse_form
from cloudworthy.local.model.http import Request

_ALGORITHM = "AWS4-HMAC-SHA256"
_TERMINATOR = "aws4_request"
_FIELDS = frozenset({"Credential", "SignedHeaders", "Signature"})


def parse_signature(request: Request) -> Signature:
    """Find the signature in the header ``Authorization`` or in the query.

    Raises
    ------
    AwsError
        ``IncompleteSignature``: there is one that cannot be read.

    Source: AWS Signature Version 4, "Create a signed request" (documented).
    """
    authorization = request.header("authorization")
    if authorization is not None:
        if authorization.startswith(_ALGORITHM):
            return _from_header(authorization)
        if authorization.startswith("AWS "):
            access_key_id, _, value = authorization[4:].partition(":")
            return Signature(
                SignatureKind.V2_HEADER, access_key_id.strip(), service="s3", value=value
            )
        return UNSIGNED
    fields = dict(parse_qsl(request.query, keep_blank_values=True))
    if "X-Amz-Credential" in fields:
        return _from_query(fields)
    if "AWSAccessKeyId" in fields:
        return Signature(
            SignatureKind.V2_QUERY,
            fields["AWSAccessKeyId"],
            service="s3",
            value=fields.get("Signature", ""),
        )
    return _from_form(request)


def _from_header(authorization: str) -> Signature:
    fields: dict[str, str] = {}
    for part in authorization[len(_ALGORITHM) :].split(","):
        name, equal_sign, value = part.strip().partition("=")
        if not equal_sign or name in fields or name not in _FIELDS:
            # What does not count must not be there: signers and checkers could read it apart.
            message = (
                f"'{part.strip()}' not a valid key=value pair (missing equal-sign) "
                f"in Authorization header: '{authorization}'."
            )
            raise AwsError("IncompleteSignature", message, 400)
        fields[name] = value
    return _signature(
        SignatureKind.V4_HEADER,
        fields.get("Credential", ""),
        fields.get("SignedHeaders", ""),
        fields.get("Signature", ""),
    )


def _from_query(fields: Mapping[str, str]) -> Signature:
    return _signature(
        SignatureKind.V4_QUERY,
        fields["X-Amz-Credential"],
        fields.get("X-Amz-SignedHeaders", ""),
        fields.get("X-Amz-Signature", ""),
    )


def _from_form(request: Request) -> Signature:
    form = parse_form(request)
    if form is None or "x-amz-credential" not in form.fields:
        return UNSIGNED
    return _signature(
        SignatureKind.V4_POLICY,
        form.fields["x-amz-credential"],
        form.fields.get("policy", ""),
        form.fields.get("x-amz-signature", ""),
    )


def _signature(kind: SignatureKind, credential: str, signed: str, value: str) -> Signature:
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or not signed or not value:
        raise AwsError(
            "IncompleteSignature",
            "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' "
            f"parameters. Credential={credential}",
            400,
        )
    access_key_id, date, region, service, terminator = parts
    if terminator != _TERMINATOR:
        message = (
            f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', "
            f"not '{terminator}'."
        )
        raise AwsError("InvalidSignatureException", message, 403)
    return Signature(kind, access_key_id, date, region, service, signed, value)
