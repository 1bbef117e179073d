"""Who signed a request to an API, by credentials of the runtime, and whether they may call it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from cloudworthy.local.apigateway.authorizers.iam import NotPermittedError, SignatureRefusedError
from cloudworthy.local.apigateway.authorizers.policy import INVOKE
from cloudworthy.local.apigateway.caller import Signer
from cloudworthy.local.endpoint.call import AwsError, Operation, Protocol, Signature, SignatureKind
from cloudworthy.local.endpoint.identify import Identifier
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.iam.credentials import CredentialStore, unique_id
from cloudworthy.local.iam.decision import ApiInvocation, Decider
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal

_SERVICE = "execute-api"
_INVOKE = Operation(_SERVICE, "Invoke", Protocol.REST_JSON)
_TOLERANCE = timedelta(minutes=5)
_INVALID = "InvalidSignatureException"
_KINDS = (SignatureKind.V4_HEADER, SignatureKind.V4_QUERY)


class GatewaySignatures:
    """Checks signatures as the AWS endpoint does, and that they are meant for API Gateway."""

    def __init__(
        self, credentials: CredentialStore, *, region: str, clock: Clock, decider: Decider
    ) -> None:
        self._identifier = Identifier(credentials, clock)
        self._decider = decider
        self._region = region
        self._clock = clock

    def signer_of(self, request: Request) -> Signer | None:
        """Who signed the request; None when nobody did.

        Raises
        ------
        SignatureRefusedError
        """
        try:
            signature = parse_signature(request)
            if signature.kind not in _KINDS:
                return None
            _check_form(request, signature)
            self._check_scope(request, signature)
            principal = self._identifier.identify(request, signature, _INVOKE)
        except AwsError as error:
            code = error.code if error.code.endswith("Exception") else f"{error.code}Exception"
            raise SignatureRefusedError(code, error.message) from error
        return Signer(
            arn=principal.arn,
            account=principal.account,
            unique_id=unique_id(principal),
            access_key_id=signature.access_key_id,
            role_arn=principal.role_arn,
            function_logical_id=principal.function_logical_id,
        )

    async def permit(
        self,
        signer: Signer,
        method_arn: str,
        request: Request,
        *,
        granted: bool = False,
        action: str = INVOKE,
    ) -> None:
        """Decide by the policies of the signer's role, unless the API's own lets it in.

        Raises
        ------
        NotPermittedError
        """
        principal = Principal(
            signer.arn, signer.account, signer.role_arn, signer.function_logical_id
        )
        decision = await self._decider.decide_invocation(
            ApiInvocation(principal, method_arn, self._region, request, granted, action)
        )
        if not decision.allowed:
            raise NotPermittedError(decision.message)

    def _check_scope(self, request: Request, signature: Signature) -> None:
        """Source: AWS Signature Version 4, "Troubleshooting" (documented)."""
        if signature.service != _SERVICE:
            message = f"Credential should be scoped to correct service: '{_SERVICE}'."
            raise SignatureRefusedError(_INVALID, message)
        if signature.region != self._region:
            message = f"Credential should be scoped to a valid region, not '{signature.region}'."
            raise SignatureRefusedError(_INVALID, message)
        if signature.kind is SignatureKind.V4_HEADER:
            self._check_time(request.header("x-amz-date") or "")

    def _check_time(self, stated: str) -> None:
        try:
            signed_at = datetime.strptime(f"{stated}+0000", "%Y%m%dT%H%M%SZ%z")
        except ValueError as error:
            message = "Authorization header requires existence of a valid 'X-Amz-Date' header."
            raise SignatureRefusedError("IncompleteSignatureException", message) from error
        now = self._clock.now()
        if abs(now - signed_at) > _TOLERANCE:
            wrong = "expired" if signed_at < now else "not yet current"
            message = f"Signature {wrong}: {stated} is too far from {now:%Y%m%dT%H%M%SZ} (5 min.)"
            raise SignatureRefusedError(_INVALID, message)


def _check_form(request: Request, signature: Signature) -> None:
    """What a signature must cover, lest it be good for another request too.

    Sources: AWS Signature Version 4, "Create a signed request" (documented): the host and the
    hash of the body are signed; which of two signatures counts is not said, so none does.

    Raises
    ------
    SignatureRefusedError
    """
    if sum(name.lower() == "authorization" for name, _ in request.headers) > 1:
        raise SignatureRefusedError(_INVALID, "There is more than one Authorization header.")
    if "host" not in signature.signed_headers.lower().split(";"):
        message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        raise SignatureRefusedError(_INVALID, message)
    stated = request.header("x-amz-content-sha256")
    if stated is not None and stated != hashlib.sha256(request.body).hexdigest():
        message = "The value of 'X-Amz-Content-Sha256' is not the hash of the body."
        raise SignatureRefusedError(_INVALID, message)
