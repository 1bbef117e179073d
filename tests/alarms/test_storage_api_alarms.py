"""Each alarm of storage-api goes off by a real fault, tells it, and recovers."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import Future

import pytest

from alarms.faults import FaultyFunction
from alarms.listener import AlarmListener
from faults.control import Faults
from running_system import RunningSystem, wait_until

SYSTEM = "storage-api"
# 100 are reserved for the function, and AWS keeps as many for all others.
CONCURRENCY = 200
pytestmark = [pytest.mark.xdist_group("alarms"), pytest.mark.timeout(300)]


def token_of(system: RunningSystem) -> str:
    arn = system.address["outputs"]["SecretArn"]
    secret = system.client("secretsmanager").get_secret_value(SecretId=arn)
    return str(json.loads(secret["SecretString"])["token"])


def api_of(system: RunningSystem) -> FaultyFunction:
    token = token_of(system)
    return FaultyFunction(system, "ApiFunction", lambda: list_objects(system, token))


def authorizer_of(system: RunningSystem) -> FaultyFunction:
    """Asked with a token that it has not seen, as the gateway remembers the others."""
    return FaultyFunction(
        system, "AuthorizerFunction", lambda: list_objects(system, uuid.uuid4().hex)
    )


def list_objects(system: RunningSystem, token: str) -> int:
    base = system.address["outputs"]["ApiEndpoint"]
    headers = {"authorization": f"Bearer {token}"}
    return system.request("GET", "/api/data", headers=headers, key=False, base=base).status


def stand_still(system: RunningSystem, alarms: AlarmListener) -> None:
    api, authorizer = api_of(system), authorizer_of(system)
    with alarms.expecting("Duration"):
        stuck = api.get_stuck()
        with alarms.expecting("Throttles"), Faults(system.state).on("lambda", "throttle"):
            assert all(api.is_refused() for _ in range(11))
        with alarms.expecting("AuthorizerErrors"):
            assert authorizer.get_stuck().crash() == 500
        with alarms.expecting("DeadLetters") as have_tripped:
            api.send_event(b"{}")
            wait_until(have_tripped)
            empty_dead_letter_queue(system)
        (record,) = alarms.other_messages
        assert record["requestContext"]["condition"] == "RetriesExhausted"
        assert record["requestContext"]["approximateInvokeCount"] == 3
        stuck.free_after(20.5)


def test_a_function_that_stands_still(scene: Future[None]) -> None:
    scene.result()


def test_a_service_that_answers_its_errors(system: RunningSystem, alarms: AlarmListener) -> None:
    token = token_of(system)
    s3, bucket = system.client("s3"), system.address["outputs"]["BucketName"]
    s3.delete_bucket(Bucket=bucket)
    with alarms.expecting("Errors"):
        assert {list_objects(system, token) for _ in range(6)} == {500}
    s3.create_bucket(Bucket=bucket)
    assert list_objects(system, token) == 200


def empty_dead_letter_queue(system: RunningSystem) -> None:
    sqs = system.client("sqs")
    (queue,) = [it for it in sqs.list_queues()["QueueUrls"] if "DeadLetters" in it]
    sqs.purge_queue(QueueUrl=queue)


def test_no_alarm_was_left_out(alarms: AlarmListener) -> None:
    assert alarms.seen_to_trip == alarms.names
