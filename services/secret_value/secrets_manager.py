from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from aws_api.repeats import Repeats
    from aws_api.session import AwsSession
    from observability.tracing import Tracing

_CONNECT_S = 1.0
_READ_S = 1.5
_SHORTEST = 16


class SecretUnavailableError(Exception):
    """The secret could not be read, or is not what it should be; the message quotes nothing."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Which value: one member of a secret that is a JSON object of texts."""

    arn: str
    member: str


class SecretReader:
    """Reads a value.

    The client is made with the first read: most functions that may read a secret never do.
    """

    def __init__(
        self, session: AwsSession, secret: Secret, tracing: Tracing, repeats: Repeats
    ) -> None:
        self._session = session
        self._secret = secret
        self._tracing = tracing
        self._repeats = repeats
        self._client: SecretsManagerClient | None = None

    def __call__(self) -> str:
        """Read the value.

        Raises
        ------
        SecretUnavailableError
            There is none that could be used.
        """
        for attempts in count(1):
            try:
                return self._value_in(self._get_secret_value())
            except ClientError as error:
                problem, again = SecretUnavailableError(_code(error)), _is_passing(error)
                problem.__cause__ = error
            except BotoCoreError as error:
                problem, again = SecretUnavailableError("no answer"), True
                problem.__cause__ = error
            if not (again and self._repeats.wait(attempts, _CONNECT_S + _READ_S)):
                break
        raise problem

    def _get_secret_value(self) -> str:
        resource = {"region": self._session.region}
        with self._tracing.call("SecretsManager", "GetSecretValue", resource) as span:
            try:
                answer = self._made_client().get_secret_value(SecretId=self._secret.arn)
            except ClientError as error:
                span.answered(_status(error))
                raise
            except BotoCoreError as error:
                span.failed(error)
                raise
            span.answered(200)
        return answer.get("SecretString", "")

    def _made_client(self) -> SecretsManagerClient:
        if self._client is None:
            client = self._session.client("secretsmanager", connect_s=_CONNECT_S, read_s=_READ_S)
            self._client = cast("SecretsManagerClient", client)
        return self._client

    def _value_in(self, text: str) -> str:
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        value = document.get(self._secret.member) if isinstance(document, dict) else None
        if not isinstance(value, str) or len(value) < _SHORTEST:
            reason = (
                f"expected a JSON object with {self._secret.member}, {_SHORTEST} characters or more"
            )
            raise SecretUnavailableError(reason)
        return value


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _is_passing(error: ClientError) -> bool:
    """Whether the same read may succeed in a moment.

    Source: AWS Secrets Manager API reference, "GetSecretValue" and "Common errors" (documented).
    """
    return _status(error) >= 500 or "Throttling" in _code(error)
