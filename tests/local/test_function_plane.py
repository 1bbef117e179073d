"""What the functions of a stack are built from, and refused for, before any of them is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudworthy.local.function_plane import FunctionPlane
from cloudworthy.local.lambda_.aws_call import RoleCaller
from cloudworthy.local.lambda_.bucket_code import BucketCode
from cloudworthy.local.lambda_.concurrency import UnreservedConcurrencyError
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.faults import NoInvocationFaults
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.model.records import NoMetrics, Telemetry, every_request
from cloudworthy.local.model.resources import Asset, Deployment, ProvisionedResource, Stack
from cloudworthy.local.process.guard import ProcessGuard
from local.lambda_.running import ACCOUNT, REGION, Logs, Traces, launcher


class NoS3:
    """Nothing here is in a bucket."""

    async def send(self, request: Request) -> Response:
        raise AssertionError(request.target)


def deployment(code: Path, reserved: int) -> Deployment:
    properties = {
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/role",
        "Code": {"S3Bucket": "assets", "S3Key": "code.zip"},
        "ReservedConcurrentExecutions": reserved,
    }
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:one"
    function = ProvisionedResource(
        "One", "AWS::Lambda::Function", "one", properties, {"Arn": arn}, "Stack/One/Resource"
    )
    assets = {"code.zip": Asset("code.zip", code, "zip")}
    return Deployment(Stack("stack", ACCOUNT, REGION, {}, assets), {"One": function}, {})


@pytest.mark.parametrize(("account", "is_refused"), [(1000, False), (10, True)])
async def test_a_reservation_is_refused_by_what_the_account_has(
    tmp_path: Path, account: int, *, is_refused: bool
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text("def handler(event, context): return event")
    guard, clock, s3 = ProcessGuard(), SystemClock(), NoS3()
    plane = FunctionPlane(
        Stack("stack", ACCOUNT, REGION, {}, {}),
        launcher(guard, tmp_path),
        Telemetry(Logs(), Traces(), NoMetrics(), every_request),
        code_cache=tmp_path / "cache",
        bucket_code=BucketCode(tmp_path / "deployed", s3),
        event_queue=tmp_path / "async.sqlite",
        caller=RoleCaller(s3.send, lambda _: Credentials("AKIA", "secret", "token")),
        account_concurrency=account,
        faults=NoInvocationFaults(),
        clock=clock,
        event_clock=clock,
    )
    try:
        if is_refused:
            with pytest.raises(UnreservedConcurrencyError, match="One 1, of 10 for the account"):
                await plane.build(deployment(code, 1))
        else:
            built = await plane.build(deployment(code, 1))
            assert built.functions["one"].reserved_concurrency == 1
    finally:
        await plane.stop()
        await guard.close()
