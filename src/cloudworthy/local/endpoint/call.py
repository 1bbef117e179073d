"""What the stages of the AWS endpoint pass on to each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Protocol(Enum):
    """How a service words requests and errors."""

    JSON_1_0 = "application/x-amz-json-1.0"
    JSON_1_1 = "application/x-amz-json-1.1"
    QUERY = "text/xml"
    REST_XML = "application/xml"
    REST_JSON = "application/json"
    RPC_V2_CBOR = "application/cbor"


class SignatureKind(Enum):
    """Where a signature stands, and of which version it is."""

    NONE = "none"
    V4_HEADER = "v4 header"
    V4_QUERY = "v4 query"
    V2_QUERY = "v2 query"
    V2_HEADER = "v2 header"
    V4_POLICY = "v4 policy"
    """Of the policy of an upload from a form."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who a request says it comes from, and what it is signed for."""

    kind: SignatureKind
    access_key_id: str = ""
    date: str = ""
    """``YYYYMMDD`` of the credential scope."""
    region: str = ""
    service: str = ""
    signed_headers: str = ""
    """Names with semicolons between them; of a form, its policy."""
    value: str = ""


UNSIGNED = Signature(SignatureKind.NONE)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for."""

    service: str
    name: str
    protocol: Protocol


class AwsError(Exception):
    """An error that the caller sees as AWS would word it.

    Parameters
    ----------
    code
        AWS's error code, e.g. ``ExpiredTokenException``.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
