"""MiniStack, with the same API, function and tables made through its AWS API.

It refuses the synthesized template of web-app (it does not know the scaling of a table by
Application Auto Scaling), so the parts that a request passes are made one by one: a
REST API with the same methods, a key and a usage plan, the function with our code and its
layer, the tables with index and stream.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.client import answers
from benchmarks.dynamodb import AwsClient, aws_client, create_tables
from benchmarks.processes import Child, free_port
from benchmarks.results import ProcessMemory
from benchmarks.service import HANDLER, variables
from benchmarks.targets.target import Endpoint
from benchmarks.workspace import Workspace

_ROLE = "arn:aws:iam::000000000000:role/bench"
_STAGE = "prod"


class MiniStack:
    name = "MiniStack"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._child: Child | None = None

    def start(self) -> Endpoint:
        workspace = self._workspace
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        python = workspace.peer_python()
        self._child = Child(
            [str(python), "-m", "ministack"],
            workspace.log("ministack"),
            environment=self._environment(port),
            directory=workspace.fresh("ministack"),
        )
        health = Endpoint(url)
        self._child.wait_until(
            lambda: answers(health, "/_ministack/health"), "answering", timeout_s=60
        )
        endpoint = self._deploy(url)
        self._child.wait_until(lambda: answers(endpoint), "serving the API", timeout_s=60)
        return endpoint

    def _environment(self, port: int) -> dict[str, str]:
        """Its Lambda workers inherit this, as they do the interpreter it runs on."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._workspace.scratch / "home"),
            "TMPDIR": str(self._workspace.fresh("ministack-tmp")),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "LOG_LEVEL": "WARNING",
        }

    def _deploy(self, url: str) -> Endpoint:
        create_tables(url)
        function_arn = self._create_function(url)
        gateway = aws_client("apigateway", url)
        api_id = _create_api(gateway, function_arn)
        key = _create_key(gateway, api_id)
        base = f"{url}/restapis/{api_id}/{_STAGE}/_user_request_"
        return Endpoint(base, {"x-api-key": key})

    def _create_function(self, url: str) -> str:
        functions = aws_client("lambda", url)
        layers = []
        packages = _zip(_site_packages(self._workspace.handler_python()), "python/")
        if packages is not None:
            layer = functions.publish_layer_version(
                LayerName="dependencies", Content={"ZipFile": packages}
            )
            layers.append(layer["LayerVersionArn"])
        created = functions.create_function(
            FunctionName="api",
            Runtime="python3.13",
            Handler=HANDLER,
            Role=_ROLE,
            Code={"ZipFile": _zip(self._workspace.services, "")},
            Layers=layers,
            Timeout=30,
            MemorySize=256,
            Environment={"Variables": variables("web-app")},
        )
        functions.get_waiter("function_active_v2").wait(
            FunctionName="api", WaiterConfig={"Delay": 1}
        )
        return str(created["FunctionArn"])

    def memory(self) -> Sequence[ProcessMemory]:
        return self._child.memory() if self._child is not None else ()

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()


def _create_api(gateway: AwsClient, function_arn: str) -> str:
    api_id = str(gateway.create_rest_api(name="items")["id"])
    root = gateway.get_resources(restApiId=api_id)["items"][0]["id"]
    items = gateway.create_resource(restApiId=api_id, parentId=root, pathPart="items")["id"]
    item = gateway.create_resource(restApiId=api_id, parentId=items, pathPart="{id}")["id"]
    region = function_arn.split(":")[3]
    uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    for resource in (items, item):
        method = {"restApiId": api_id, "resourceId": resource, "httpMethod": "ANY"}
        gateway.put_method(**method, authorizationType="NONE", apiKeyRequired=True)
        gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api_id, stageName=_STAGE)
    return api_id


def _create_key(gateway: AwsClient, api_id: str) -> str:
    key = gateway.create_api_key(name="bench", enabled=True)
    stages = [{"apiId": api_id, "stage": _STAGE}]
    plan = gateway.create_usage_plan(name="bench", apiStages=stages)
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    return str(gateway.get_api_key(apiKey=key["id"], includeValue=True)["value"])


def _site_packages(python: Path) -> Path:
    return next((python.parent.parent / "lib").glob("python*/site-packages"))


def _zip(directory: Path, prefix: str) -> bytes | None:
    """An archive of a directory without caches; None when it holds no package."""
    files = [
        path
        for path in sorted(directory.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("_virt")
    ]
    if not files:
        return None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, prefix + str(path.relative_to(directory)))
    return buffer.getvalue()
