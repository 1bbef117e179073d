"""What clients of AWS see of a fault, over a socket: codes, statuses, lost answers, waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker

from cloudworthy.local.endpoint.server import AwsEndpoint
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.faults.active import StackFaults
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll, ApiCall, Decision
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import OWN_ACCESS_KEY, Credentials
from cloudworthy.local.wire.server import HttpServer
from local.endpoint.served import PERSON, Calls, client_for
from local.faults.stack import ACCOUNT, REGION, Told, deployment, write
from running_system import wait_until

pytestmark = pytest.mark.xdist_group("answers-to-faults")

ONCE = Config(retries={"total_max_attempts": 1})


class Engine:
    """Carries everything out, and remembers it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, [("Content-Type", "application/json")], b"{}")


class GateClock(SystemClock):
    """Whoever sleeps does so until the gate is opened."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asleep_s: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asleep_s.append(seconds)
        try:
            await self.gate.wait()
        finally:
            self.asleep_s.pop()


class NobodyButThePerson:
    """A decider that refuses every role."""

    description = ""

    async def decide(self, call: ApiCall) -> Decision:
        return Decision(allowed=not call.principal.role_arn, message="no")


class Faulted:
    """An endpoint in front of an engine, with the faults of a file, and its event loop."""

    def __init__(self, directory: Path, decider: Any) -> None:
        self.directory = directory
        self.engine = Engine()
        self.calls = Calls()
        self.credentials = CredentialStore(ACCOUNT)
        self.answered: list[AnsweredCall] = []
        self._clients: dict[tuple[str, Credentials], Any] = {}
        self.clock = GateClock()
        faults = StackFaults(directory, clock=SystemClock(), random=lambda: 0.0, progress=Told())
        faults.use(deployment())
        self.endpoint = AwsEndpoint(
            dynamodb=self.engine,
            services=self.engine,
            own={"lambda": self.engine.send},
            credentials=self.credentials,
            decider=decider,
            calls=self.calls,
            region=REGION,
            clock=self.clock,
            faults=faults,
        )
        self.endpoint.watch("sns", self._see)
        self.endpoint.watch("dynamodb", self._see)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = HttpServer(self.endpoint.handle)
        self.port = self.run(self.server.start(0))

    async def _see(self, call: AnsweredCall) -> None:
        self.answered.append(call)

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def client(self, service: str, credentials: Credentials = PERSON) -> Any:
        """A client that tries once; making one takes longer than all it does here."""
        key = (service, credentials)
        if key not in self._clients:
            self._clients[key] = client_for(self.port, service, credentials, config=ONCE)
        return self._clients[key]

    def have(self, target: str, effect: str, **more: Any) -> None:
        write(self.directory, [{"target": target, "effect": effect, **more}])

    def stop(self) -> None:
        self.run(self.server.stop(grace_s=0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(scope="module")
def faulted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulted]:
    system = Faulted(tmp_path_factory.mktemp("faulted"), AllowAll())
    yield system
    system.stop()


@pytest.fixture(autouse=True)
def no_memory_of_other_tests(faulted: Faulted) -> None:
    write(faulted.directory, [])
    faulted.engine.requests.clear()
    faulted.calls.records.clear()
    faulted.answered.clear()


QUEUE = f"http://127.0.0.1/{ACCOUNT}/work"
CALLS: dict[str, Callable[[Any], object]] = {
    "dynamodb": lambda it: it.get_item(TableName="items", Key={"id": {"S": "a"}}),
    "s3": lambda it: it.get_object(Bucket="objects", Key="a"),
    "sqs": lambda it: it.send_message(QueueUrl=QUEUE, MessageBody="x"),
    "sns": lambda it: it.publish(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:news", Message="x"),
    "secretsmanager": lambda it: it.get_secret_value(SecretId="token"),
    "kms": lambda it: it.encrypt(KeyId="alias/a", Plaintext=b"x"),
    "events": lambda it: it.put_events(
        Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}]
    ),
    "ssm": lambda it: it.get_parameter(Name="a"),
    "sts": lambda it: it.get_caller_identity(),
    "scheduler": lambda it: it.list_schedules(),
    "cloudwatch": lambda it: it.list_metrics(),
    "cognito-idp": lambda it: it.list_user_pools(MaxResults=1),
    "stepfunctions": lambda it: it.list_state_machines(),
}
TARGETS = {"cloudwatch": "monitoring", "stepfunctions": "states"}
THROTTLED = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 403),
    "sns": ("Throttling", 400),
    "secretsmanager": ("ThrottlingException", 400),
    "kms": ("ThrottlingException", 400),
    "events": ("ThrottlingException", 400),
    "ssm": ("ThrottlingException", 400),
    "sts": ("Throttling", 400),
    "scheduler": ("ThrottlingException", 429),
    "cloudwatch": ("ThrottlingException", 400),
    "cognito-idp": ("TooManyRequestsException", 400),
    "stepfunctions": ("ThrottlingException", 400),
}
FAILED = {
    "dynamodb": "InternalServerError",
    "s3": "InternalError",
    "sqs": "InternalFailure",
    "sns": "InternalError",
    "secretsmanager": "InternalServiceError",
    "kms": "KMSInternalException",
    "events": "InternalException",
    "ssm": "InternalServerError",
    "sts": "InternalFailure",
    "scheduler": "InternalServerException",
    "cloudwatch": "InternalServiceError",
    "cognito-idp": "InternalErrorException",
    "stepfunctions": "InternalFailure",
}


def refusal(faulted: Faulted, service: str) -> tuple[str, int]:
    """Code and status of an error that SDKs try again, in the mode ``standard``."""
    with pytest.raises(ClientError) as raised:
        CALLS[service](faulted.client(service))
    response: Any = raised.value.response
    assert response["Error"]["Message"]
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    assert status >= 500 or ThrottledRetryableChecker().is_retryable(
        RetryContext(attempt_number=1, parsed_response=response)
    )
    return response["Error"]["Code"], status


@pytest.mark.parametrize("service", THROTTLED)
def test_a_throttled_call_is_answered_as_the_service_does_and_not_carried_out(
    faulted: Faulted, service: str
) -> None:
    faulted.have(TARGETS.get(service, service), "throttle")
    assert refusal(faulted, service) == THROTTLED[service]
    assert faulted.engine.requests == []


@pytest.mark.parametrize("service", FAILED)
def test_a_failing_call_is_answered_as_the_service_does_and_not_carried_out(
    faulted: Faulted, service: str
) -> None:
    faulted.have(TARGETS.get(service, service), "fail")
    assert refusal(faulted, service) == (FAILED[service], 500)
    assert faulted.engine.requests == []


@pytest.mark.parametrize(("call", "direction"), [("get_item", "Read"), ("delete_item", "Write")])
def test_a_throttled_table_says_what_is_used_up(
    faulted: Faulted, call: str, direction: str
) -> None:
    faulted.have("dynamodb", "throttle")
    with pytest.raises(ClientError) as raised:
        getattr(faulted.client("dynamodb"), call)(TableName="items", Key={"id": {"S": "a"}})
    answer: Any = raised.value.response
    reason = f"Table{direction}ProvisionedThroughputExceeded"
    assert answer["ThrottlingReasons"] == [{"reason": reason}]


def test_operations_on_tables_have_a_throttle_of_their_own(faulted: Faulted) -> None:
    faulted.have("dynamodb", "throttle")
    with pytest.raises(ClientError, match="ThrottlingException"):
        faulted.client("dynamodb").describe_table(TableName="items")


def test_a_throttled_transaction_is_cancelled_with_a_reason_for_each_action(
    faulted: Faulted,
) -> None:
    faulted.have("dynamodb", "throttle")
    part = {"Get": {"TableName": "items", "Key": {"id": {"S": "a"}}}}
    with pytest.raises(ClientError) as raised:
        faulted.client("dynamodb").transact_get_items(TransactItems=[part, part])
    answer: Any = raised.value.response
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    codes = [it["Code"] for it in answer["CancellationReasons"]]
    assert codes == ["ProvisionedThroughputExceeded"] * 2
    assert faulted.engine.requests == []


def test_a_lost_answer_was_carried_out_and_its_connection_ends(faulted: Faulted) -> None:
    client = faulted.client("dynamodb")
    CALLS["dynamodb"](client)
    faulted.have("dynamodb", "lose-answer")
    with pytest.raises(ConnectionClosedError):
        CALLS["dynamodb"](client)
    assert len(faulted.engine.requests) == 2
    assert [it.status for it in faulted.calls.records] == [200, 200]
    assert [it.response.status for it in faulted.answered] == [200, 200]
    write(faulted.directory, [])
    CALLS["dynamodb"](client)


def test_a_lost_answer_of_a_call_without_a_connection_is_a_failure(faulted: Faulted) -> None:
    faulted.have("sns", "lose-answer")
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIA/20260131/{REGION}/sns/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )
    headers = [
        ("Authorization", authorization),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ]
    response = faulted.run(
        faulted.endpoint.handle(Request("POST", "/", headers, b"Action=ListTopics"))
    )
    assert (response.status, response.lost) == (500, True)
    assert b"<Code>InternalError</Code>" in response.body
    assert len(faulted.engine.requests) == 1


def test_slow_calls_wait_together_and_hold_up_no_other(faulted: Faulted) -> None:
    faulted.have("dynamodb", "slow", delay_ms=1500)
    client = faulted.client("dynamodb")
    threads = [threading.Thread(target=CALLS["dynamodb"], args=(client,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    wait_until(lambda: faulted.clock.asleep_s == [1.5] * 5)
    CALLS["s3"](faulted.client("s3"))
    assert [it.service for it in faulted.calls.records] == ["s3"]
    assert len(faulted.engine.requests) == 1
    faulted.loop.call_soon_threadsafe(faulted.clock.gate.set)
    for thread in threads:
        thread.join()
    faulted.clock.gate.clear()
    assert len(faulted.engine.requests) == 6


def test_a_slow_call_whose_caller_has_gone_is_not_carried_out(faulted: Faulted) -> None:
    faulted.have("dynamodb", "slow", delay_ms=1500)
    impatient = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
    client = client_for(faulted.port, "dynamodb", PERSON, config=impatient)
    with pytest.raises(ReadTimeoutError):
        CALLS["dynamodb"](client)
    wait_until(lambda: faulted.clock.asleep_s == [])
    assert faulted.engine.requests == []


def test_calls_of_cloudworthy_itself_are_never_hit(faulted: Faulted) -> None:
    faulted.have("dynamodb", "fail")
    own = Credentials(OWN_ACCESS_KEY, OWN_ACCESS_KEY, "")
    CALLS["dynamodb"](faulted.client("dynamodb", own))
    assert len(faulted.engine.requests) == 1


def test_a_call_that_is_denied_is_denied_whatever_the_faults(tmp_path: Path) -> None:
    write(tmp_path, [{"target": "dynamodb", "effect": "fail"}])
    denying = Faulted(tmp_path, NobodyButThePerson())
    role = denying.credentials.issue(f"arn:aws:iam::{ACCOUNT}:role/r", session_name="f")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        CALLS["dynamodb"](denying.client("dynamodb", role))
    with pytest.raises(ClientError, match="InternalServerError"):
        CALLS["dynamodb"](denying.client("dynamodb"))
    denying.stop()
