"""Each alarm of automation goes off by a real fault, tells it by e-mail too, and recovers."""

from __future__ import annotations

import pytest

from alarms.faults import FaultyFunction
from alarms.listener import AlarmListener
from cloudworthy.local.observe.mail.mailbox import Mailbox, read_mail
from running_system import RunningSystem, wait_until

SYSTEM = "automation"
CONCURRENCY = 1
pytestmark = [pytest.mark.xdist_group("alarms"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def api(system: RunningSystem) -> FaultyFunction:
    return FaultyFunction(system, "ApiFunction", lambda: get_items(system))


@pytest.fixture(scope="module", autouse=True)
def subscriber(system: RunningSystem, alarms: AlarmListener) -> str:
    """Somebody who reads of the alarms in the mail."""
    address = "person@example.com"
    system.client("sns").subscribe(TopicArn=alarms.topic, Protocol="email", Endpoint=address)
    return address


def get_items(system: RunningSystem) -> int:
    return system.request("GET", "/").status


def test_a_function_that_stands_still(alarms: AlarmListener, api: FaultyFunction) -> None:
    stuck = api.get_stuck()
    with alarms.expecting("ApiThrottles"):
        assert api.is_refused()
    assert stuck.free_after(0) == 200


def test_a_function_that_dies_again_and_again(alarms: AlarmListener, api: FaultyFunction) -> None:
    with alarms.expecting("ErrorRate") as have_tripped:
        wait_until(lambda: api.get_stuck().crash() == 502 and have_tripped())


def test_a_service_that_answers_its_errors(system: RunningSystem, alarms: AlarmListener) -> None:
    dynamodb, table = system.client("dynamodb"), system.address["outputs"]["TableName"]
    dynamodb.delete_table(TableName=table)
    with alarms.expecting("ErrorRate") as have_tripped:
        wait_until(lambda: get_items(system) == 500 and have_tripped())
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        assert get_items(system) == 200


def test_the_mail_says_what_happened(system: RunningSystem, subscriber: str) -> None:
    mails = [read_mail(path) for path in Mailbox(system.state / "mailbox").paths()]
    about = [it for it in mails if "ErrorRate" in str(it["Subject"])]
    assert [str(it["Subject"]).partition(":")[0] for it in about][-2:] == ["ALARM", "OK"]
    assert about[-2]["To"] == subscriber
    assert "More than 5 % of the invocations failed" in about[-2].get_content()


def test_no_alarm_was_left_out(alarms: AlarmListener) -> None:
    assert alarms.seen_to_trip == alarms.names
