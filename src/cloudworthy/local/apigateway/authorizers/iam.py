"""Methods of the type AWS_IAM: the caller signs, and needs ``execute-api:Invoke``.

Sources: rest-authorizers-018 (documented); Amazon API Gateway API reference, "Signing requests".
"""

from __future__ import annotations

from typing import Protocol

from cloudworthy.local.apigateway.authorizers.policy import INVOKE
from cloudworthy.local.apigateway.caller import Caller, Signer
from cloudworthy.local.apigateway.errors import MISSING_AUTHENTICATION_TOKEN, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.signature_errors import not_a_signature, refused_signature
from cloudworthy.local.model.http import Request

_ALGORITHM = "AWS4-HMAC-SHA256"


class SignatureRefusedError(Exception):
    """A signature that cannot be read, or is wrong; ``code`` is AWS's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotPermittedError(Exception):
    """No policy allows what a signer wants to do; ``message`` is AWS's sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Signatures(Protocol):
    """Checks Signature Version 4 of requests to an API."""

    def signer_of(self, request: Request) -> Signer | None:
        """Who signed a request; None when it is not signed.

        Raises
        ------
        SignatureRefusedError
        """
        ...

    async def permit(
        self,
        signer: Signer,
        method_arn: str,
        request: Request,
        *,
        granted: bool = False,
        action: str = INVOKE,
    ) -> None:
        """See that a signer may invoke a method, or do something else with it.

        ``granted`` says that the API's own policy lets the caller in.

        Raises
        ------
        NotPermittedError
        """
        ...


def signed_caller(signatures: Signatures, exchange: Exchange) -> Caller:
    """The caller who signed the request.

    Raises
    ------
    GatewayError
        MISSING_AUTHENTICATION_TOKEN, INVALID_SIGNATURE or EXPIRED_TOKEN.
    """
    authorization = exchange.headers.get("authorization")
    if authorization and not authorization.startswith(_ALGORITHM):
        raise not_a_signature(authorization)
    try:
        signer = signatures.signer_of(exchange.request)
    except SignatureRefusedError as error:
        raise refused_signature(error.code, error.message) from error
    if signer is None:
        raise GatewayError(MISSING_AUTHENTICATION_TOKEN)
    return Caller(signer=signer)
