"""storage-api when its bucket, its secret or its function is not well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from aws_api.repeats import ATTEMPTS
from faults.answers import Answer, assert_unavailable, assert_waited_for, healthy, unhealthy
from faults.control import Faults
from running_system import RunningSystem, wait_until
from services.storage.http_api import event_of

SYSTEM = "storage-api"
# The minutes between the attempts at an event, and for which a caller is known, are seconds.
ARGUMENTS = ("--clock-speed", "60")
DATA = "/api/data"
LONGER_THAN_A_CALL_MS = 4_500
JSON = {"content-type": "application/json"}
pytestmark = pytest.mark.xdist_group("storage-api-faults")


@dataclass(frozen=True)
class ObjectsApi:
    """The running API, and a look at its bucket past it."""

    running: RunningSystem

    @cached_property
    def outputs(self) -> dict[str, str]:
        found: dict[str, str] = self.running.address["outputs"]
        return found

    @cached_property
    def token(self) -> str:
        client = self.running.client("secretsmanager")
        value = client.get_secret_value(SecretId=self.outputs["SecretArn"])["SecretString"]
        return str(json.loads(value)["token"])

    def __call__(
        self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["authorization"] = f"Bearer {token or self.token}"
        base = self.outputs["ApiEndpoint"]
        return self.running.request(method, path, body, headers=named, key=False, base=base)

    def write(self, key: str, data: str, **headers: str) -> Answer:
        return self("POST", DATA, {"key": key, "data": data}, **headers)

    def read(self, key: str) -> Answer:
        return self("GET", f"{DATA}?key={key}")

    def delete(self, key: str, **headers: str) -> Answer:
        return self("DELETE", f"{DATA}?key={key}", **headers)

    def versions(self) -> list[tuple[str, str]]:
        """Key and entity tag of whatever the bucket has or had; a delete marker has no tag."""
        bucket = self.outputs["BucketName"]
        found = self.running.client("s3").list_object_versions(Bucket=bucket)
        assert not found["IsTruncated"]
        return [
            (each["Key"], each.get("ETag", ""))
            for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        ]


@pytest.fixture(scope="module")
def api(running: RunningSystem) -> ObjectsApi:
    return ObjectsApi(running)


def test_nobody_is_let_in_while_the_secret_cannot_be_read(api: ObjectsApi, faults: Faults) -> None:
    """The gateway says 500 for an authorizer that fails, as on AWS, and keeps no decision."""
    unknown = {api.token: 200, "unknown-token": 403}
    with faults.on("secretsmanager", "fail", operation="GetSecretValue") as hits:
        assert {api("GET", DATA, token=token).status for token in unknown} == {500}
    assert hits() == ATTEMPTS * len(unknown)
    for effect in ("fail", "throttle"):
        with faults.on("lambda", effect, resource=authorizer_of(api)):
            assert {api("GET", DATA, token=token).status for token in unknown} == {500}
    assert {token: api("GET", DATA, token=token).status for token in unknown} == unknown


def authorizer_of(api: ObjectsApi) -> str:
    functions = api.running.client("lambda").list_functions()["Functions"]
    (name,) = [it["FunctionName"] for it in functions if "Authorizer" in it["FunctionName"]]
    return str(name)


def test_a_list_that_needs_the_secret_waits_for_it(api: ObjectsApi, faults: Faults) -> None:
    """The first list with a next page: until then the function has not read the secret."""
    for key in ("first", "second"):
        assert api.write(key, "x").status == 201
    with faults.on("secretsmanager", "throttle", operation="GetSecretValue") as hits:
        assert_unavailable(api("GET", f"{DATA}?limit=1"))
    assert hits() == ATTEMPTS
    assert "next_token" in api("GET", f"{DATA}?limit=1").json()


def test_a_bucket_that_is_busy_now_and_then_is_waited_for(api: ObjectsApi, faults: Faults) -> None:
    before = len(api.versions())
    with faults.on("s3", "throttle", rate=0.4) as hits:
        written = [api.write("now-and-then", f"x{n}") for n in range(14)]
        read = [api.read("first") for _ in range(10)]
    assert_waited_for(written + read, hits)
    done = sum(answer.status == 201 for answer in written)
    assert len(api.versions()) == before + done


@pytest.mark.parametrize("effect", ["throttle", "fail"])
def test_a_bucket_that_does_nothing_for_good_is_503_and_nothing_is_written(
    api: ObjectsApi, faults: Faults, effect: str
) -> None:
    etag = api.write("kept", "x").headers["etag"]
    before = api.versions()
    with faults.on("s3", effect) as hits:
        answers = [
            api.write("kept", "y"),
            api.write("kept", "y", if_match=etag),
            api.read("kept"),
            api("GET", DATA),
            api.delete("kept"),
            api.delete("kept", if_match=etag),
        ]
    for answer in answers:
        assert_unavailable(answer)
    # What may have been done is asked once; being throttled says that it was not.
    once = 2 if effect == "fail" else 0
    assert hits() == ATTEMPTS * (len(answers) - once) + once
    assert api.versions() == before
    assert api.read("kept").json()["content"] == "x"


def test_a_write_whose_answers_are_lost_is_whole(api: ObjectsApi, faults: Faults) -> None:
    """Repeated, it may leave versions, all alike; a condition says that there is to be one."""
    with faults.on("s3", "lose-answer"):
        assert_unavailable(api.write("whole", "x" * 1000))
    assert api.read("whole").json()["content"] == "x" * 1000
    assert len({etag for key, etag in api.versions() if key == "whole"}) == 1
    with faults.on("s3", "lose-answer") as hits:
        assert_unavailable(api.write("once", "x", if_none_match="*"))
    assert hits() == 1
    assert api.write("once", "x", if_none_match="*").status == 412
    assert [key for key, _ in api.versions()].count("once") == 1


def test_a_delete_whose_answers_are_lost_is_made(api: ObjectsApi, faults: Faults) -> None:
    assert api.write("to-go", "x").status == 201
    with faults.on("s3", "lose-answer"):
        assert_unavailable(api.delete("to-go"))
    assert api.read("to-go").status == 404
    assert api.delete("to-go").status == 204


def test_a_bucket_that_is_slower_than_anybody_waits_is_503(api: ObjectsApi, faults: Faults) -> None:
    with faults.on("s3", "slow", delay_ms=LONGER_THAN_A_CALL_MS):
        assert_unavailable(api.write("slow", "x", if_none_match="*"))
    assert api.read("slow").status in (200, 404)


def test_a_function_that_is_throttled_has_done_nothing(api: ObjectsApi, faults: Faults) -> None:
    before = api.versions()
    with faults.on("lambda", "throttle", resource=api.outputs["LambdaFunctionName"]):
        answers = [api.write("never", "x"), api.delete("kept")]
    assert {answer.status for answer in answers} == {503}
    assert api.versions() == before


def test_the_health_route_tells_the_truth(api: ObjectsApi, faults: Faults) -> None:
    def ask() -> Answer:
        return api("GET", "/api/health")

    wait_until(healthy(ask))
    for effect, reason in (("throttle", "busy"), ("lose-answer", "no answer in time")):
        with faults.on("s3", effect):
            wait_until(unhealthy(ask, s3=reason))
    wait_until(healthy(ask))


def test_an_event_that_failed_is_kept_whole_and_can_be_sent_again(
    api: ObjectsApi, faults: Faults
) -> None:
    body = json.dumps({"key": "sent-again", "data": "x"}).encode()
    event = json.dumps(event_of("POST", DATA, "", JSON, body))
    function = api.outputs["LambdaFunctionName"]
    awslambda = api.running.client("lambda")
    with faults.on("lambda", "fail", resource=function) as hits, faults.on("sns", "fail") as unsent:
        awslambda.invoke(FunctionName=function, InvocationType="Event", Payload=event)
        letter = dead_letter(api.running)
        wait_until(lambda: unsent() > 0)
    assert hits() == 3
    attributes = letter["MessageAttributes"]
    assert set(attributes) == {"RequestID", "ErrorCode", "ErrorMessage"}
    assert attributes["ErrorCode"]["StringValue"] == "200"
    assert json.loads(letter["Body"]) == json.loads(event)
    assert api.read("sent-again").status == 404
    awslambda.invoke(FunctionName=function, InvocationType="Event", Payload=letter["Body"])
    wait_until(lambda: api.read("sent-again").status == 200)
    assert [key for key, _ in api.versions()].count("sent-again") == 1


def dead_letter(running: RunningSystem) -> dict[str, Any]:
    """Take the one message from the queue of dead letters."""
    sqs = running.client("sqs")
    (queue,) = [it for it in sqs.list_queues()["QueueUrls"] if "DeadLetters" in it]
    found: list[dict[str, Any]] = []

    def receive() -> bool:
        answer = sqs.receive_message(
            QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=1
        )
        found.extend(answer.get("Messages", []))
        return bool(found)

    wait_until(receive)
    (letter,) = found
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
    return letter
