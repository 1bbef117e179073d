"""Handing a call on to what carries it out."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping

from cloudworthy.local.endpoint.call import AwsError, Operation, Protocol
from cloudworthy.local.endpoint.identify import ANONYMOUS
from cloudworthy.local.endpoint.limits import check_limits
from cloudworthy.local.endpoint.s3 import CorrectedS3
from cloudworthy.local.endpoint.secretsmanager import CorrectedSecretsManager
from cloudworthy.local.endpoint.sns import CorrectedSns
from cloudworthy.local.endpoint.sts import assumed_role, caller_identity, check_session_caller
from cloudworthy.local.endpoint.topics import DecidedTopics, MayDeliver
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.model.backends import (
    ENGINE_FAILURE_HEADER,
    STORAGE_FAILED,
    Backend,
    BackendUnavailableError,
)
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Principal

_log = logging.getLogger(__name__)

_READ_S3 = Operation("s3", "Read", Protocol.REST_XML)
_DYNAMODB = frozenset({"dynamodb", "dynamodbstreams"})


class Router:
    """Knows who carries out which service.

    Parameters
    ----------
    dynamodb
        DynamoDB and its streams.
    services
        Every service that has nobody else.
    own
        Services that the runtime itself answers for, Lambda for one, by their signing name.
    credentials
        Issues those of sessions.
    may_deliver
        Whether a topic may send to a queue.
    """

    def __init__(
        self,
        dynamodb: Backend,
        services: Backend,
        own: Mapping[str, Handler],
        clock: Clock,
        credentials: CredentialStore,
        may_deliver: MayDeliver,
    ) -> None:
        self._clock = clock
        self._credentials = credentials
        self._services = services
        self._backends = {
            **dict.fromkeys(_DYNAMODB, dynamodb),
            "s3": CorrectedS3(services, clock),
            "secretsmanager": CorrectedSecretsManager(services),
            "sns": DecidedTopics(CorrectedSns(services), may_deliver),
        }
        self._own = own
        self._operations: dict[tuple[str, str], Handler] = {}

    def answer(self, service: str, operation: str, handler: Handler) -> None:
        """Have this carry out an operation, whoever carries out the others of the service."""
        self._operations[service, operation] = handler

    async def read_s3(self, request: Request) -> Response:
        """Carry out a call of the endpoint's own; see ``send``."""
        return await self.send(request, _READ_S3, ANONYMOUS)

    async def send(self, request: Request, operation: Operation, principal: Principal) -> Response:
        """Have the call carried out.

        Raises
        ------
        AwsError
            The request is beyond a limit; the engine is down, or failed in a way that AWS
            would not.
        """
        service = operation.service
        handler = self._operations.get((service, operation.name))
        if handler is not None:
            return await handler(request)
        if service in self._own:
            return await self._send_to_own(service, request)
        if service == "sts":
            if operation.name == "GetCallerIdentity":
                return caller_identity(principal)
            if operation.name == "AssumeRole":
                return assumed_role(request, principal, self._credentials, self._clock)
            check_session_caller(operation.name, principal)
        check_limits(request, operation)
        backend = self._backends.get(service, self._services)
        try:
            response = await backend.send(request)
        except BackendUnavailableError as error:
            _log.warning("%s %s failed: %s", service, operation.name, error)
            raise _unavailable(service) from error
        if response.status >= 500:
            _raise_failure(response, operation)
        return response

    async def _send_to_own(self, service: str, request: Request) -> Response:
        try:
            return await self._own[service](request)
        except (OSError, sqlite3.Error) as error:
            _log.info("%s: what it keeps cannot be written: %s", service, error)
            raise _unavailable(service) from error


def _unavailable(service: str) -> AwsError:
    """What SDKs take as a reason to try again."""
    if service in _DYNAMODB:
        return AwsError("InternalServerError", "The request could not be completed", 500)
    return AwsError("ServiceUnavailable", "The service is unavailable. Please try again.", 503)


def _raise_failure(response: Response, operation: Operation) -> None:
    reason = response.header(ENGINE_FAILURE_HEADER)
    if response.status == STORAGE_FAILED or operation.service in _DYNAMODB:
        _log.info("%s %s: %s", operation.service, operation.name, reason or response.body)
        raise _unavailable(operation.service)
    if reason is not None:
        _log.error("%s %s: %s", operation.service, operation.name, reason)
        code = "NotImplemented" if response.status == 501 else "InternalFailure"
        raise AwsError(code, reason, response.status)
