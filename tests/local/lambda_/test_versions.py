"""Versions and aliases, from the template to an invocation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.lambda_.versions import Versions, build_versions
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.functions import FunctionNotFoundError, TooManyRequestsError
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from local.lambda_.api_client import client_of
from local.lambda_.running import function, running

ARN = "arn:aws:lambda:us-east-1:000000000000:function:function"
STACK = Stack("Stack", "000000000000", "us-east-1", {}, {})
SLOW = """
    import time
    def handler(event, context):
        time.sleep(event)
        return context.function_version
"""


def deployment(**alias: Any) -> Deployment:
    properties = {"FunctionName": ARN, "Name": "live", "FunctionVersion": "1", **alias}
    resources = (
        ProvisionedResource("Version", "AWS::Lambda::Version", f"{ARN}:1", {}),
        ProvisionedResource("Alias", "AWS::Lambda::Alias", f"{ARN}:live", properties),
    )
    return Deployment(STACK, {it.logical_id: it for it in resources}, {})


def test_a_version_is_the_function_as_it_is_now() -> None:
    latest = function(Path())
    versions = build_versions(deployment(), {"function": latest})
    assert versions.functions == {"function:1": replace(latest, version="1")}
    assert versions.aliases == {"function:live": "function:1"}
    assert build_versions(deployment(), {}) == Versions()


def test_an_alias_of_the_latest_code() -> None:
    versions = build_versions(deployment(FunctionVersion="$LATEST"), {"function": function(Path())})
    assert versions.aliases == {"function:live": "function"}


def test_an_alias_needs_a_version_that_exists() -> None:
    with pytest.raises(TemplateError, match=r"FunctionVersion \(Alias\): found 2, expected"):
        build_versions(deployment(FunctionVersion="2"), {"function": function(Path())})


def test_weights_are_not_ignored() -> None:
    weights = {"AdditionalVersionWeights": [{"FunctionVersion": "2", "FunctionWeight": 0.5}]}
    with pytest.raises(UnsupportedError, match="RoutingConfig"):
        build_versions(deployment(RoutingConfig=weights), {"function": function(Path())})


async def test_invoke_by_qualifier() -> None:
    async with running(SLOW) as served, client_of(served) as client:
        latest = served.pool.functions
        served.pool.update(latest, build_versions(deployment(), latest))

        def executed(**parameters: str) -> tuple[str, bytes]:
            response = client.invoke(Payload=b"0", **parameters)
            return response["ExecutedVersion"], response["Payload"].read()

        for parameters in (
            {"FunctionName": "function", "Qualifier": "1"},
            {"FunctionName": "function", "Qualifier": "live"},
            {"FunctionName": f"{ARN}:live"},
            {"FunctionName": "function:1"},
        ):
            assert await asyncio.to_thread(executed, **parameters) == ("1", b'"1"')
        latest_answer = ("$LATEST", b'"$LATEST"')
        assert await asyncio.to_thread(executed, FunctionName="function") == latest_answer
        assert (
            await asyncio.to_thread(executed, FunctionName="function", Qualifier="$LATEST")
            == latest_answer
        )
        found = await asyncio.to_thread(
            client.get_function_configuration, FunctionName="function", Qualifier="live"
        )
        assert (found["Version"], found["FunctionArn"]) == ("1", f"{ARN}:1")
        with pytest.raises(client.exceptions.ResourceNotFoundException, match="function:2"):
            await asyncio.to_thread(executed, FunctionName="function", Qualifier="2")
        with pytest.raises(FunctionNotFoundError):
            await served.invoke(0, function_name="function:2")


async def test_versions_share_the_functions_concurrency_and_its_code() -> None:
    async with running(SLOW, reserved_concurrency=1) as served:
        latest = served.pool.functions
        served.pool.update(latest, build_versions(deployment(), latest))
        running_one = asyncio.create_task(served.answer(0.5))
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequestsError):
            await served.invoke(0, function_name="function:live")
        assert await running_one == "$LATEST"
        assert await served.answer(0, function_name="function:live") == "1"
        served.write("def handler(event, context): return 'new'")
        await served.pool.reload(["function"])
        assert await served.answer(0, function_name="function:live") == "new"
