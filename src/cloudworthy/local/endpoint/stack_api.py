"""CloudFormation's API, as far as it tells about the stack that runs.

What asks a deployed stack for its outputs and resources asks the local one the same way.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, SubElement, tostring

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack that is served, and its outputs with local addresses."""

    deployment: Deployment
    outputs: Mapping[str, str]

    @property
    def stack_id(self) -> str:
        stack = self.deployment.stack
        number = uuid.uuid5(uuid.NAMESPACE_OID, f"{stack.account}/{stack.region}/{stack.name}")
        resource = f"stack/{stack.name}/{number}"
        return arn_of("cloudformation", stack.region, stack.account, resource)


class StackApi:
    """Answers DescribeStacks, DescribeStackResources and ListStackResources.

    Parameters
    ----------
    running
        Called for each request: the stack as it is now, None before it is there.
    """

    def __init__(self, running: Callable[[], RunningStack | None]) -> None:
        self._running = running

    async def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises
        ------
        AwsError
            There is no such stack, or no such operation here.
        """
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        action = form.get("Action", "")
        make = _ANSWERS.get(action)
        if make is None:
            raise AwsError("NotImplemented", f"{action} is not available on this machine", 501)
        running = self._stack(form.get("StackName"))
        answer = Element(f"{action}Response", xmlns=_NAMESPACE)
        make(SubElement(answer, f"{action}Result"), running)
        metadata = SubElement(answer, "ResponseMetadata")
        SubElement(metadata, "RequestId").text = str(uuid.uuid4())
        return Response(200, [("Content-Type", "text/xml")], tostring(answer))

    def _stack(self, name: str | None) -> RunningStack:
        """Source: CloudFormation API reference, "DescribeStacks" (documented)."""
        running = self._running()
        if running is not None:
            known = (None, running.deployment.stack.name, running.stack_id)
            if name in known:
                return running
        raise AwsError("ValidationError", f"Stack with id {name} does not exist", 400)


def _describe_stacks(result: Element, running: RunningStack) -> None:
    member = SubElement(SubElement(result, "Stacks"), "member")
    _fill(
        member,
        StackName=running.deployment.stack.name,
        StackId=running.stack_id,
        StackStatus="CREATE_COMPLETE",
        CreationTime="1970-01-01T00:00:00Z",
    )
    outputs = SubElement(member, "Outputs")
    for name, value in running.outputs.items():
        _fill(SubElement(outputs, "member"), OutputKey=name, OutputValue=value)


def _describe_resources(result: Element, running: RunningStack) -> None:
    members = SubElement(result, "StackResources")
    for resource in running.deployment.resources.values():
        member = SubElement(members, "member")
        _fill(member, StackName=running.deployment.stack.name, StackId=running.stack_id)
        _fill(member, Timestamp="1970-01-01T00:00:00Z", **_resource(resource))


def _list_resources(result: Element, running: RunningStack) -> None:
    members = SubElement(result, "StackResourceSummaries")
    for resource in running.deployment.resources.values():
        member = SubElement(members, "member")
        _fill(member, LastUpdatedTimestamp="1970-01-01T00:00:00Z", **_resource(resource))


def _resource(resource: ProvisionedResource) -> dict[str, str]:
    return {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ResourceStatus": "CREATE_COMPLETE",
    }


def _fill(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = text


_ANSWERS: Mapping[str, Callable[[Element, RunningStack], None]] = {
    "DescribeStacks": _describe_stacks,
    "DescribeStackResources": _describe_resources,
    "ListStackResources": _list_resources,
}
