from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from aws_api.session import AwsSession
    from observability.tracing import Tracing

_ATTEMPTS = 2
_CONNECT_S = 1.0
_READ_S = 1.5
_SHORTEST = 16


class SecretUnavailableError(Exception):
    """The secret could not be read, or is not what it should be; the message quotes nothing."""


class SecretReader:
    """Reads one member of a secret that is a JSON object of texts.

    The client is made with the first read: most functions that may read a secret never do.
    At the worst a read takes about 2 * (1 s + 1.5 s).
    """

    def __init__(self, session: AwsSession, secret_arn: str, member: str, tracing: Tracing) -> None:
        self._session = session
        self._secret_arn = secret_arn
        self._member = member
        self._tracing = tracing
        self._client: SecretsManagerClient | None = None

    def __call__(self) -> str:
        """Read the value.

        Raises
        ------
        SecretUnavailableError
            There is none that could be used.
        """
        try:
            text = self._get_secret_value()
        except ClientError as error:
            raise SecretUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise SecretUnavailableError("no answer") from error
        return self._value_in(text)

    def _get_secret_value(self) -> str:
        resource = {"region": self._session.region}
        with self._tracing.call("SecretsManager", "GetSecretValue", resource) as span:
            try:
                answer = self._made_client().get_secret_value(SecretId=self._secret_arn)
            except ClientError as error:
                span.answered(int(error.response["ResponseMetadata"]["HTTPStatusCode"]))
                raise
            except BotoCoreError as error:
                span.failed(error)
                raise
            span.answered(200)
        return answer.get("SecretString", "")

    def _made_client(self) -> SecretsManagerClient:
        if self._client is None:
            client = self._session.client(
                "secretsmanager", connect_s=_CONNECT_S, read_s=_READ_S, attempts=_ATTEMPTS
            )
            self._client = cast("SecretsManagerClient", client)
        return self._client

    def _value_in(self, text: str) -> str:
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        value = document.get(self._member) if isinstance(document, dict) else None
        if not isinstance(value, str) or len(value) < _SHORTEST:
            reason = f"expected a JSON object with {self._member}, {_SHORTEST} characters or more"
            raise SecretUnavailableError(reason)
        return value
