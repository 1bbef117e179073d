"""A process killed at any moment of an apply leaves a state that the next apply continues."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from typing import Any

import pytest

from local.provision.engine_children import ROOT, Bench, resource, table

_PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from cloudworthy.local.model.resources import Stack
from cloudworthy.local.provision.deployer import Deployer

directory, name, dynamodb_url, services_url, template = sys.argv[1:]
stack = Stack(name, "000000000000", "us-east-1", json.loads(template), {})
deployer = Deployer(Path(directory), dynamodb_url=dynamodb_url, services_url=services_url)
plan = deployer.plan(stack)
# The state is put in its place before and after each call of an engine.
sys.addaudithook(lambda event, _: event == "os.rename" and print("step", flush=True))
asyncio.run(deployer.apply(plan))
print("end", flush=True)
"""


def template(generation: int) -> dict[str, Any]:
    """Resources of every engine type; each generation replaces or changes all of them."""
    key = f"key{generation}"
    return {
        "Table": table(
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        ),
        "Bucket": resource("AWS::S3::Bucket", Tags=[{"Key": "g", "Value": str(generation)}]),
        "Key": resource("AWS::KMS::Key", Description=f"generation {generation}"),
        "Secret": resource("AWS::SecretsManager::Secret", Description=f"of {generation}"),
        "Topic": resource("AWS::SNS::Topic", DisplayName=f"g{generation}"),
        "Mail": resource(
            "AWS::SNS::Subscription",
            Protocol="email",
            Endpoint=f"g{generation}@example.com",
            TopicArn={"Ref": "Topic"},
        ),
        "Name": resource("AWS::SSM::Parameter", Value={"Ref": "Table"}),
        "ApiKey": resource("AWS::ApiGateway::ApiKey", Enabled=True),
    }


async def apply_and_kill(bench: Bench, resources: Any, steps: int, pause_s: float) -> bool:
    """Run an apply in a child and kill it after some steps; whether it was still running."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, str(bench.directory), bench.stack_name,
        bench.urls.dynamodb, bench.urls.services, json.dumps({"Resources": resources}),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert child.stdout is not None
    for _ in range(steps):
        await asyncio.wait_for(child.stdout.readline(), 60)
    await asyncio.sleep(pause_s)
    if child.returncode is None:
        child.kill()
    return await child.wait() == -signal.SIGKILL


def inventory(bench: Bench) -> dict[str, int]:
    """How many resources each engine holds; of other stacks as well, where names do not tell."""
    name = bench.stack_name
    tables = listed(bench, "dynamodb", "list_tables", "TableNames")
    buckets = bench.client("s3").list_buckets()["Buckets"]
    keys = listed(bench, "kms", "list_keys", "Keys")
    return {
        "tables": sum(it.startswith(name) for it in tables),
        "buckets": sum(it["Name"].startswith(name) for it in buckets),
        "secrets": len(listed(bench, "secretsmanager", "list_secrets", "SecretList")),
        "topics": len(listed(bench, "sns", "list_topics", "Topics")),
        "mails": len(listed(bench, "sns", "list_subscriptions", "Subscriptions")),
        "parameters": len(listed(bench, "ssm", "describe_parameters", "Parameters")),
        "keys": sum(_is_alive(bench, it["KeyId"]) for it in keys),
    }


def listed(bench: Bench, service: str, operation: str, field: str) -> list[Any]:
    pages = bench.client(service).get_paginator(operation).paginate()
    return [it for page in pages for it in page[field]]


def _is_alive(bench: Bench, key_id: str) -> bool:
    state = bench.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]
    return bool(state != "PendingDeletion")


def growth(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {kind: after[kind] - before[kind] for kind in after}


@pytest.mark.timeout(300)
async def test_no_orphan_and_no_duplicate_after_kills_at_any_moment(bench: Bench) -> None:
    seed = random.randrange(1 << 32)  # noqa: S311 - no secret
    moments = random.Random(seed)  # noqa: S311 - no secret
    before = inventory(bench)
    killed = 0
    for generation in range(3):
        for _ in range(2):
            steps, pause_s = moments.randrange(18), moments.uniform(0, 0.02)
            killed += await apply_and_kill(bench, template(generation), steps, pause_s)
        deployment = await bench.apply(template(generation))
        one_each = dict.fromkeys(before, 1)
        assert growth(before, inventory(bench)) == one_each, f"{generation=} {seed=}"
        assert bench.plan(template(generation)).is_unchanged
        assert len(deployment.resources) == len(template(generation))
    assert killed
    await apply_and_kill(bench, template(9), 6, 0)
    await bench.deployer().destroy()
    assert growth(before, inventory(bench)) == dict.fromkeys(before, 0), f"{seed=}"
