"""Secrets Manager through the runtime's AWS endpoint, compared with what AWS answered."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from facts.facts import fact, ids_of_areas
from local.endpoint.served import Served, served


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("aws")) as system:
        yield system


@pytest.fixture(scope="module")
def secrets(aws: Served) -> Any:
    return aws.client("secretsmanager", aws.role("reader"))


@pytest.fixture
def name() -> str:
    return f"secret-{uuid.uuid4()}"


def assert_refused(raised: pytest.ExceptionInfo[ClientError], expect: Any) -> None:
    error: Any = raised.value.response
    assert error["Error"]["Code"] == expect["Code"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == expect.get("status", 400)
    if "Message" in expect:
        assert error["Error"]["Message"] == expect["Message"]
    else:
        assert expect["Message_contains"] in error["Error"]["Message"]


def test_a_secret_that_is_not_there(secrets: Any, name: str) -> None:
    with pytest.raises(ClientError) as raised:
        secrets.get_secret_value(SecretId=name)
    assert_refused(raised, fact("secretsmanager-001").expect)


def test_a_secret_without_a_value(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=name)
    with pytest.raises(ClientError) as raised:
        secrets.get_secret_value(SecretId=name)
    assert_refused(raised, fact("secretsmanager-002").expect)


def test_a_version_and_a_stage_that_disagree(secrets: Any, name: str) -> None:
    first = secrets.create_secret(Name=name, SecretString="one")["VersionId"]
    secrets.put_secret_value(SecretId=name, SecretString="two")
    with pytest.raises(ClientError) as raised:
        secrets.get_secret_value(SecretId=name, VersionId=first, VersionStage="AWSCURRENT")
    assert_refused(raised, fact("secretsmanager-003").expect)


def test_a_name_that_waits_for_its_deletion(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=name, SecretString="x")
    secrets.delete_secret(SecretId=name)
    with pytest.raises(ClientError) as raised:
        secrets.create_secret(Name=name, SecretString="y")
    assert_refused(raised, fact("secretsmanager-006").expect)
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "x"


@pytest.mark.parametrize("bad", ["Inv Name", " Inv Name", "Inv *Name", "ä", "x" * 513])
def test_a_name_that_is_none(secrets: Any, bad: str) -> None:
    assert "[Inv Name]" in fact("secretsmanager-007").source
    with pytest.raises(ClientError) as raised:
        secrets.create_secret(Name=bad, SecretString="x")
    assert_refused(raised, fact("secretsmanager-007").expect)


def test_a_name_that_is_taken(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=name, SecretString="x")
    with pytest.raises(ClientError) as raised:
        secrets.create_secret(Name=name, SecretString="y")
    assert_refused(raised, {"Code": "ResourceExistsException", "Message_contains": "already"})


def test_a_secret_is_kept_and_changed(secrets: Any) -> None:
    name = f"a/b_c+d=e.f@g!-{uuid.uuid4()}"
    made = secrets.create_secret(Name=name, SecretString=json.dumps({"token": "x"}))
    assert secrets.get_secret_value(SecretId=made["ARN"])["SecretString"] == '{"token": "x"}'
    secrets.put_secret_value(SecretId=made["ARN"], SecretString="new")
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "new"
    previous = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == '{"token": "x"}'


def test_every_fact_is_tested() -> None:
    text = Path(__file__).read_text("utf-8")
    tested = re.findall(r'fact\("(secretsmanager-\d{3})"\)', text)
    assert sorted(set(tested)) == ids_of_areas(["secretsmanager"])
