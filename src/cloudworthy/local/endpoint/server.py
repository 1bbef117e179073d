"""The AWS endpoint: all stages of a call in one place."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol as TypingProtocol

from cloudworthy.local.endpoint.call import UNSIGNED, AwsError, Operation, Protocol, Signature
from cloudworthy.local.endpoint.classify import classify
from cloudworthy.local.endpoint.fault_answers import lost_answer, struck_answer
from cloudworthy.local.endpoint.identify import ANONYMOUS, Identifier
from cloudworthy.local.endpoint.key_refusals import key_refusal
from cloudworthy.local.endpoint.missing_objects import hide_missing
from cloudworthy.local.endpoint.own_call import json_call
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.endpoint.respond import error_response
from cloudworthy.local.endpoint.route import Router
from cloudworthy.local.endpoint.s3_form import parse_form, put_of
from cloudworthy.local.endpoint.s3_host import in_path_style
from cloudworthy.local.endpoint.watching import AnswerCheck, AnsweredCall, Watcher
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import ApiCall, CallDecider, Decision
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock, SystemClock
from cloudworthy.local.model.faults import UNHARMED, Effect, Strike
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import OWN_ACCESS_KEY, Principal
from cloudworthy.local.model.records import CallRecord, CallSink

_log = logging.getLogger(__name__)

_SHORT_CODE = frozenset({Protocol.REST_XML, Protocol.QUERY})


class CallFaults(TypingProtocol):
    """Decides what becomes of calls that their callers may make."""

    async def of_call(self, call: ApiCall) -> Strike: ...


class AwsEndpoint:
    """Answers AWS API calls; ``handle`` is the handler of an ``HttpServer``.

    Parameters
    ----------
    dynamodb, services, own
        Who carries calls out; see ``Router``.
    credentials
        The credentials of the functions' roles.
    decider
        Whether a principal may make a call.
    calls
        Where each call is reported.
    region
        The region of requests that are not signed for one.
    faults
        What becomes of the calls that are allowed; nothing is done to them without it.
    """

    def __init__(
        self,
        *,
        dynamodb: Backend,
        services: Backend,
        own: Mapping[str, Handler],
        credentials: CredentialStore,
        decider: CallDecider,
        calls: CallSink,
        region: str,
        clock: Clock | None = None,
        faults: CallFaults | None = None,
    ) -> None:
        self._faults = faults
        self._clock = clock or SystemClock()
        self._router = Router(dynamodb, services, own, self._clock, credentials, self._may_deliver)
        self._identifier = Identifier(credentials, self._clock)
        self._decider = decider
        self._calls = calls
        self._region = region
        self._watchers: defaultdict[str, list[Watcher]] = defaultdict(list)
        self._checks: dict[str, AnswerCheck] = {}

    def watch(self, service: str, watcher: Watcher) -> None:
        """Show this the answered calls of a service, by the service's signing name."""
        self._watchers[service].append(watcher)

    def check(self, service: str, check: AnswerCheck) -> None:
        """Have this look at the answers of a service before their callers do."""
        self._checks[service] = check

    def answer(self, service: str, operation: str, handler: Handler) -> None:
        """Have this carry out an operation from now on; it may raise ``AwsError``."""
        self._router.answer(service, operation, handler)

    async def handle(self, request: Request, caller: Principal | None = None) -> Response:
        """Carry one call out and report it, whatever becomes of it.

        ``caller`` is who makes a call of the runtime's own that no signature speaks for: a
        service of AWS.
        """
        started_s = self._clock.monotonic_s()
        principal = caller or ANONYMOUS
        operation: Operation | None = None
        strike = UNHARMED
        try:
            signature = parse_signature(request)
            operation = classify(request, signature)
            principal = caller or self._identifier.identify(request, signature, operation)
            call = self._call(request, signature, operation, principal)
            await self._decide(call, operation)
            strike = await self._strike(call, signature)
            struck = strike.effect and struck_answer(strike.effect, operation, request)
            response = struck or await self._router.send(request, operation, principal)
            await hide_missing(call, response, self._decider, self._router.read_s3)
            if operation.service in self._checks:
                await self._checks[operation.service](call, response)
        except AwsError as error:
            operation = operation or classify(request, UNSIGNED)
            response = error_response(error, operation)
        latency_ms = (self._clock.monotonic_s() - started_s) * 1000
        self._report(latency_ms, principal, operation, response.status)
        if operation.service in self._watchers:
            await self._show(AnsweredCall(request, operation, response, latency_ms))
        # Who counts, or delivers what was published, sees a call that was carried out.
        return lost_answer(operation) if strike.effect is Effect.LOSE_ANSWER else response

    async def _show(self, call: AnsweredCall) -> None:
        for watcher in self._watchers[call.operation.service]:
            try:
                await watcher(call)
            except Exception:  # noqa: BLE001 - the caller must hear that the call was carried out
                _log.exception("%s %s: a watcher failed", call.operation.service, call.operation)

    def _call(
        self, request: Request, signature: Signature, operation: Operation, principal: Principal
    ) -> ApiCall:
        region = signature.region or self._region
        name = operation.name
        form = parse_form(request) if operation.service == "s3" else None
        if form is not None:
            bucket = in_path_style(request).path.strip("/")
            name = "PutObject"
            request = replace(put_of(form, bucket), client_ip=request.client_ip)
        return ApiCall(
            principal,
            operation.service,
            name,
            region,
            request,
            operation.protocol.value,
        )

    async def _strike(self, call: ApiCall, signature: Signature) -> Strike:
        """What becomes of an allowed call; it has waited by then, and its caller may have gone."""
        if self._faults is None or signature.access_key_id == OWN_ACCESS_KEY:
            return UNHARMED
        strike = await self._faults.of_call(call)
        if strike.delay_s:
            await self._clock.sleep(strike.delay_s)
        return strike

    async def _decide(self, call: ApiCall, operation: Operation) -> None:
        decision = await self._decider.decide(call)
        if not decision.allowed:
            raise _denied(operation, decision)

    async def _may_deliver(self, topic_arn: str, queue_arn: str) -> bool:
        """Whether SNS may send a message of a topic to a queue."""
        caller = Principal("sns.amazonaws.com", "", source_arn=topic_arn)
        region, account, name = ([*queue_arn.split(":", 5), "", "", ""])[3:6]
        request = json_call(
            "sqs", region, "AmazonSQS.SendMessage", {"QueueUrl": f"/{account}/{name}"}
        )
        content_type = Protocol.JSON_1_0.value
        call = ApiCall(caller, "sqs", "SendMessage", region, request, content_type)
        return (await self._decider.decide(call)).allowed

    def _report(
        self, latency_ms: float, principal: Principal, operation: Operation, status: int
    ) -> None:
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


def _denied(operation: Operation, decision: Decision) -> AwsError:
    """Source of SNS's own code: Amazon SNS API reference, "Publish", Errors (documented)."""
    message = decision.message
    if decision.key is not None:
        return key_refusal(operation.service, decision.key, message)
    if operation.service == "sns":
        return AwsError("AuthorizationError", message, 403)
    if operation.protocol in _SHORT_CODE:
        return AwsError("AccessDenied", message, 403)
    json_rpc = operation.protocol in {Protocol.JSON_1_0, Protocol.JSON_1_1}
    return AwsError("AccessDeniedException", message, 400 if json_rpc else 403)
