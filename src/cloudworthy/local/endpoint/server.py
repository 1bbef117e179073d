"""The AWS endpoint: all stages of a call in one place."""

from __future__ import annotations

from cloudworthy.local.endpoint.call import UNSIGNED, AwsError, Operation, Protocol, Signature
from cloudworthy.local.endpoint.classify import classify
from cloudworthy.local.endpoint.identify import ANONYMOUS, Identifier
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.endpoint.respond import error_response
from cloudworthy.local.endpoint.route import Router
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import ApiCall, Decider
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock, SystemClock
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.records import CallRecord, CallSink

_SHORT_CODE = frozenset({Protocol.REST_XML, Protocol.QUERY})


class AwsEndpoint:
    """Answers AWS API calls; ``handle`` is the handler of an ``HttpServer``.

    Parameters
    ----------
    dynamodb, services, lambda_api
        Who carries calls out; see ``Router``.
    credentials
        The credentials of the functions' roles.
    decider
        Whether a principal may make a call.
    calls
        Where each call is reported.
    region
        The region of requests that are not signed for one.
    """

    def __init__(
        self,
        *,
        dynamodb: Backend,
        services: Backend,
        lambda_api: Handler,
        credentials: CredentialStore,
        decider: Decider,
        calls: CallSink,
        region: str,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._router = Router(dynamodb, services, lambda_api)
        self._identifier = Identifier(credentials, self._clock)
        self._decider = decider
        self._calls = calls
        self._region = region

    async def handle(self, request: Request) -> Response:
        """Carry one call out and report it, whatever becomes of it."""
        started_s = self._clock.monotonic_s()
        principal = ANONYMOUS
        operation: Operation | None = None
        try:
            signature = parse_signature(request)
            operation = classify(request, signature)
            principal = self._identifier.identify(request, signature, operation)
            self._decide(request, signature, operation, principal)
            response = await self._router.send(request, operation, principal)
        except AwsError as error:
            operation = operation or classify(request, UNSIGNED)
            response = error_response(error, operation)
        self._report(started_s, principal, operation, response.status)
        return response

    def _decide(
        self, request: Request, signature: Signature, operation: Operation, principal: Principal
    ) -> None:
        region = signature.region or self._region
        call = ApiCall(principal, operation.service, operation.name, region, request)
        decision = self._decider.decide(call)
        if not decision.allowed:
            raise _denied(operation, decision.message)

    def _report(
        self, started_s: float, principal: Principal, operation: Operation, status: int
    ) -> None:
        latency_ms = (self._clock.monotonic_s() - started_s) * 1000
        self._calls.put(
            CallRecord(
                time_ms=int(self._clock.now().timestamp() * 1000),
                principal_arn=principal.arn,
                function_logical_id=principal.function_logical_id,
                service=operation.service,
                operation=operation.name,
                status=status,
                latency_ms=round(latency_ms, 3),
            )
        )


def _denied(operation: Operation, message: str) -> AwsError:
    if operation.protocol in _SHORT_CODE:
        return AwsError("AccessDenied", message, 403)
    json_rpc = operation.protocol in {Protocol.JSON_1_0, Protocol.JSON_1_1}
    return AwsError("AccessDeniedException", message, 400 if json_rpc else 403)
