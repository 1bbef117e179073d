"""Custom resources whose functions belong to the stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from cloudworthy.local.model.errors import CloudworthyError, UnsupportedError
from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.resources import Deployment
from local.provision.engine_children import Bench, resource

Event = dict[str, Any]
OTHER = {"Other": resource("AWS::Logs::LogGroup")}
OUTPUT = {"Out": {"Value": {"Fn::GetAtt": ["Thing", "Answer"]}}}


def put(event: Event, **answer: Any) -> None:
    """Answer as a function on AWS does."""
    url = urlsplit(event["ResponseURL"])
    connection = HTTPConnection(str(url.hostname), url.port, timeout=10)
    document = {"Status": "SUCCESS", "PhysicalResourceId": "thing-1", **answer}
    connection.request("PUT", url.path, json.dumps(document).encode())
    assert connection.getresponse().status == 200
    connection.close()


def succeed(event: Event) -> None:
    put(event, Data={"Answer": event["ResourceProperties"].get("Size", "none")})


@dataclass
class Runner:
    """Runs plain Python functions in the place of the stack's."""

    handle: Callable[[Event], Any]
    events: list[Event] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)

    async def run(self, deployment: Deployment, payload: bytes) -> InvocationResult:
        (function,) = deployment.of_type("AWS::Lambda::Function")
        self.functions.append(function.logical_id)
        self.events.append(json.loads(payload))
        try:
            result = self.handle(self.events[-1])
        except RuntimeError as error:
            failure = json.dumps({"errorMessage": str(error)}).encode()
            return InvocationResult("id", failure, "Unhandled")
        return InvocationResult("id", json.dumps(result).encode())


def function(**properties: Any) -> dict[str, Any]:
    code = {"ZipFile": "def handler(event, context): ..."}
    settings = {"Runtime": "python3.13", "Handler": "index.handler", "Role": "r", "Code": code}
    return resource("AWS::Lambda::Function", **{**settings, **properties})


def thing(provider: str = "Provider", **properties: Any) -> dict[str, Any]:
    token = {"Fn::GetAtt": [provider, "Arn"]}
    return resource("Custom::Thing", ServiceToken=token, **properties)


async def apply(
    bench: Bench, runner: Runner, resources: Mapping[str, Any], **sections: Any
) -> Deployment:
    deployer = bench.deployer(functions=runner)
    return await deployer.apply(deployer.plan(bench.stack(resources, **sections)))


async def test_the_function_hears_of_the_whole_life_of_its_resource(bench: Bench) -> None:
    runner = Runner(succeed)
    made = await apply(
        bench, runner, {"Provider": function(), "Thing": thing(Size=3)}, Outputs=OUTPUT
    )
    assert made.outputs == {"Out": "3"}
    assert made.resources["Thing"].physical_id == "thing-1"
    await apply(bench, runner, {"Provider": function(), "Thing": thing(Size=3)})
    await apply(bench, runner, {"Provider": function(), "Thing": thing(Size=4, On=True)})
    await apply(bench, runner, OTHER)
    create, update, delete = runner.events
    assert create["RequestType"] == "Create"
    assert create["ResourceType"] == "Custom::Thing"
    assert create["LogicalResourceId"] == "Thing"
    assert "PhysicalResourceId" not in create
    assert create["StackId"].startswith("arn:aws:cloudformation:us-east-1:000000000000:stack/")
    assert create["ResourceProperties"] == {"ServiceToken": create["ServiceToken"], "Size": "3"}
    assert (update["RequestType"], update["PhysicalResourceId"]) == ("Update", "thing-1")
    assert update["OldResourceProperties"]["Size"] == "3"
    assert (update["ResourceProperties"]["Size"], update["ResourceProperties"]["On"]) == (
        "4",
        "true",
    )
    assert (delete["RequestType"], delete["PhysicalResourceId"]) == ("Delete", "thing-1")
    assert "OldResourceProperties" not in delete


async def test_another_physical_id_replaces_the_resource(bench: Bench) -> None:
    runner = Runner(lambda event: put(event, PhysicalResourceId=f"thing-{len(runner.events)}"))
    for size in (1, 2):
        made = await apply(bench, runner, {"Provider": function(), "Thing": thing(Size=size)})
    assert made.resources["Thing"].physical_id == "thing-2"
    assert [it["RequestType"] for it in runner.events] == ["Create", "Update", "Delete"]
    assert runner.events[2]["PhysicalResourceId"] == "thing-1"
    assert runner.events[2]["ResourceProperties"]["Size"] == "1"


def fail(event: Event) -> None:
    put(event, Status="FAILED", Reason="no more things")


def crash(_event: Event) -> None:
    raise RuntimeError("division by zero")


@pytest.mark.parametrize(
    ("handle", "text"),
    [
        (fail, r"Custom::Thing \(Thing\): found Create failed in Provider: no more things"),
        (crash, "Create failed in Provider: division by zero"),
        (lambda _event: None, "no answer from Provider within 0.2 s"),
    ],
)
async def test_what_fails_says_so(bench: Bench, handle: Callable[[Event], None], text: str) -> None:
    resources = {"Provider": function(), "Thing": thing(ServiceTimeout="0.2")}
    with pytest.raises(CloudworthyError, match=text):
        await apply(bench, Runner(handle), resources)
    made = await apply(bench, Runner(succeed), resources)
    assert made.resources["Thing"].physical_id == "thing-1"


async def test_a_deletion_that_fails_holds_nothing_up(bench: Bench) -> None:
    await apply(bench, Runner(succeed), {"Provider": function(), "Thing": thing()})
    assert [*(await apply(bench, Runner(crash), OTHER)).resources] == ["Other"]


async def test_the_frameworks_handler_answers_by_its_result(bench: Bench) -> None:
    variables = {"USER_ON_EVENT_FUNCTION_ARN": {"Fn::GetAtt": ["OnEvent", "Arn"]}}
    resources = {
        "OnEvent": function(),
        "Framework": function(Runtime="nodejs22.x", Environment={"Variables": variables}),
        "Thing": thing("Framework", Size=5),
    }
    runner = Runner(lambda event: {"Data": {"Answer": event["ResourceProperties"]["Size"]}})
    made = await apply(bench, runner, resources, Outputs=OUTPUT)
    assert runner.functions == ["OnEvent"]
    assert made.outputs == {"Out": "5"}
    assert made.resources["Thing"].physical_id == runner.events[0]["RequestId"]
    assert made.declared_only == ("Framework",)


@pytest.mark.parametrize(
    ("provider", "text"),
    [
        (function(Runtime="nodejs22.x"), r"the function Provider with the runtime .nodejs22.x"),
        (resource("AWS::SNS::Topic"), "the ARN of a function of this stack"),
    ],
)
def test_a_provider_that_cannot_run_here_is_refused(
    bench: Bench, provider: dict[str, Any], text: str
) -> None:
    with pytest.raises(UnsupportedError, match=text):
        bench.plan({"Provider": provider, "Thing": thing()})
