"""The authorizer by token, with a real secret."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authorizer.wiring import token_authorizer
from aws_api.repeats import ATTEMPTS
from secret_value.secrets_manager import SecretUnavailableError
from services.api import CONTEXT
from services.storage.conftest import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.between import Between
    from services.storage.conftest import Storage

READ = "GetSecretValue"
NEW_TOKEN = "Xy9" * 16
ALLOWED = {"isAuthorized": True, "context": {"principalId": "token"}}
DENIED = {"isAuthorized": False, "context": {}}


def event_of(*identity_source: str) -> dict[str, Any]:
    """What an HTTP API sends: fact httpapi-behaviour-022."""
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:us-east-1:000000000000:api/$default/GET/api/data",
        "identitySource": list(identity_source),
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": "/api/data",
        "rawQueryString": "",
        "headers": {"authorization": ",".join(identity_source)},
        "requestContext": {"requestId": "HBhapgCqoAMEJ0w=", "stage": "$default"},
        "pathParameters": {"proxy": "data"},
    }


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Gatekeeper:
    """An authorizer with a clock that stands still unless it is told to move."""

    handler: Callable[[dict[str, Any], object], dict[str, Any]]
    log: io.StringIO
    seconds: Seconds = field(default_factory=Seconds)

    def __call__(self, authorization: str) -> dict[str, Any]:
        return self.handler(event_of(authorization), CONTEXT)

    def allows(self, token: str) -> bool:
        return bool(self(f"Bearer {token}")["isAuthorized"])


def gatekeeper_of(variables: dict[str, str]) -> Gatekeeper:
    log, seconds = io.StringIO(), Seconds()
    return Gatekeeper(token_authorizer(variables, log, monotonic=seconds), log, seconds)


@pytest.fixture
def gatekeeper(shared: Storage, counting: Between) -> Gatekeeper:
    return gatekeeper_of(shared.environment(counting.url))


@pytest.fixture
def rotated(storage: Storage, counting: Between) -> Gatekeeper:
    """Knows the token of a secret that has got another one since."""
    gatekeeper = gatekeeper_of(storage.environment(counting.url))
    assert gatekeeper.allows(TOKEN)
    storage.rotate(NEW_TOKEN)
    return gatekeeper


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_token_is_let_in(gatekeeper: Gatekeeper, scheme: str) -> None:
    assert gatekeeper(f"{scheme}{TOKEN}") == ALLOWED


WRONG = [
    "",
    "Bearer",
    "Bearer ",
    TOKEN,
    f"Basic {TOKEN}",
    f"Bearer {TOKEN}x",
    f"Bearer x{TOKEN}",
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {TOKEN.swapcase()}",
    f"Bearer {TOKEN} {TOKEN}",
    f"Bearer{TOKEN}",
    f"Bearer {TOKEN},Bearer {TOKEN}",
    "Bearer ü",
    "Bearer \ud800",
    "Bearer null",
]


@pytest.mark.parametrize("authorization", WRONG)
def test_anything_else_is_not(gatekeeper: Gatekeeper, authorization: str) -> None:
    assert gatekeeper(authorization) == DENIED


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text().filter(lambda text: text.strip() != TOKEN))
def test_no_made_up_token_is(gatekeeper: Gatekeeper, token: str) -> None:
    assert gatekeeper(f"Bearer {token}") == DENIED


@pytest.mark.parametrize("event", [{}, {"identitySource": None}, {"identitySource": []}])
def test_a_call_without_an_identity_is_not(gatekeeper: Gatekeeper, event: dict[str, Any]) -> None:
    assert gatekeeper.handler(event, None) == DENIED


def test_the_secret_is_read_once_in_a_while(gatekeeper: Gatekeeper, counting: Between) -> None:
    for _ in range(20):
        assert gatekeeper.allows(TOKEN)
        gatekeeper.seconds.now += 5
    assert counting.asked == [READ]
    gatekeeper.seconds.now += 20
    assert gatekeeper.allows(TOKEN)
    assert counting.asked == [READ, READ]


def test_wrong_tokens_cause_a_read_every_few_seconds_at_most(
    gatekeeper: Gatekeeper, counting: Between
) -> None:
    gatekeeper.allows(TOKEN)
    gatekeeper.seconds.now += 10
    counting.asked.clear()
    for number in range(50):
        assert not gatekeeper.allows(f"wrong-{number}")
    assert counting.asked == [READ]
    gatekeeper.seconds.now += 3
    assert not gatekeeper.allows("wrong")
    assert counting.asked == [READ, READ]


def test_a_new_token_is_known_at_once_and_the_old_one_forgotten(
    rotated: Gatekeeper, counting: Between
) -> None:
    rotated.seconds.now += 3
    assert rotated.allows(TOKEN)
    assert rotated.allows(NEW_TOKEN)
    assert not rotated.allows(TOKEN)
    assert counting.asked == [READ, READ]


def test_an_old_token_lives_no_longer_than_two_minutes(rotated: Gatekeeper) -> None:
    rotated.seconds.now += 119
    assert rotated.allows(TOKEN)
    rotated.seconds.now += 1
    assert not rotated.allows(TOKEN)


FAILURES: list[tuple[int, bytes] | None] = [
    (500, b'{"__type":"InternalServiceError"}'),
    (400, b'{"__type":"ThrottlingException"}'),
    None,
]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_read_that_failed_is_repeated_once(
    gatekeeper: Gatekeeper, counting: Between, failure: tuple[int, bytes] | None
) -> None:
    counting.failures[:] = [failure]
    assert gatekeeper.allows(TOKEN)
    assert counting.asked == [READ, READ]


@pytest.mark.parametrize(
    "failure", [*FAILURES, (400, b'{"__type":"AccessDeniedException","message":"SECRET"}')]
)
def test_without_the_secret_nobody_is_let_in(
    gatekeeper: Gatekeeper, counting: Between, failure: tuple[int, bytes] | None
) -> None:
    assert gatekeeper.allows(TOKEN)
    gatekeeper.seconds.now += 200
    for _ in range(2):
        counting.failures[:] = [failure] * ATTEMPTS
        with pytest.raises(SecretUnavailableError) as raised:
            gatekeeper(f"Bearer {TOKEN}")
        assert "SECRET" not in str(raised.value)
    counting.failures.clear()
    assert gatekeeper.allows(TOKEN)


def test_an_unknown_token_is_not_refused_when_nobody_can_tell(
    gatekeeper: Gatekeeper, counting: Between
) -> None:
    """The gateway would keep the refusal, and the token may be the new one."""
    assert gatekeeper.allows(TOKEN)
    gatekeeper.seconds.now += 10
    counting.failures[:] = [None] * ATTEMPTS
    with pytest.raises(SecretUnavailableError):
        gatekeeper(f"Bearer {NEW_TOKEN}")


@pytest.mark.parametrize("secret", ["", "text", "{}", '{"token": ""}', '{"token": null}', "[1]"])
def test_a_secret_without_a_token_lets_nobody_in(
    storage: Storage, counting: Between, secret: str
) -> None:
    counting.failures[:] = [(200, json.dumps({"SecretString": secret}).encode())] * 2
    gatekeeper = gatekeeper_of(storage.environment(counting.url))
    for token in (TOKEN, "None"):
        with pytest.raises(SecretUnavailableError):
            gatekeeper(f"Bearer {token}")


def test_no_token_is_logged(gatekeeper: Gatekeeper) -> None:
    gatekeeper.allows(TOKEN)
    gatekeeper.allows("wrong-CANARY")
    gatekeeper(TOKEN)
    lines = [json.loads(line) for line in gatekeeper.log.getvalue().splitlines()]
    assert [line["allowed"] for line in lines] == [True, False, False]
    assert {line["request_id"] for line in lines} == {"invocation-1"}
    assert {line["api_request_id"] for line in lines} == {"HBhapgCqoAMEJ0w="}
    for text in (TOKEN, "CANARY", "Bearer"):
        assert text not in gatekeeper.log.getvalue()
