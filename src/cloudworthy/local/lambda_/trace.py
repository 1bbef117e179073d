"""The X-Ray trace an invocation belongs to, and Lambda's own segments of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from cloudworthy.local.lambda_.invocation import Status
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.records import Sampler


@dataclass(frozen=True, slots=True)
class InvocationTrace:
    """One invocation's place in its trace.

    The two segment ids are empty unless the function traces actively and the trace is
    sampled.
    """

    root: str
    caller_segment_id: str
    sampled: bool
    service_segment_id: str = ""
    function_segment_id: str = ""

    @property
    def header(self) -> str:
        """What the function sees in ``_X_AMZN_TRACE_ID``."""
        parent = self.function_segment_id or self.caller_segment_id or segment_id()
        return f"Root={self.root};Parent={parent};Sampled={int(self.sampled)}"


@dataclass(frozen=True, slots=True)
class InvocationTimes:
    """Epoch seconds; the init's are None when the worker was warm."""

    start_s: float
    end_s: float
    init_start_s: float | None = None
    init_end_s: float | None = None


def join_trace(header: str, *, active: bool, now_s: float, sampler: Sampler) -> InvocationTrace:
    """Take up the caller's trace, or begin one.

    The caller's sampling decision holds. Without one, a function with active tracing asks
    the sampler, and a function that passes through samples none.

    Source: developer guide, "Visualize Lambda function invocations using AWS X-Ray".
    """
    fields = dict(part.strip().partition("=")[::2] for part in header.split(";") if "=" in part)
    decided = fields.get("Sampled") in {"0", "1"}
    sampled = fields["Sampled"] == "1" if decided else active and sampler()
    own = active and sampled
    return InvocationTrace(
        root=fields.get("Root") or trace_id(now_s),
        caller_segment_id=fields.get("Parent", ""),
        sampled=sampled,
        service_segment_id=segment_id() if own else "",
        function_segment_id=segment_id() if own else "",
    )


def trace_id(now_s: float) -> str:
    return f"1-{int(now_s):08x}-{secrets.token_hex(12)}"


def segment_id() -> str:
    return secrets.token_hex(8)


def lambda_segments(
    trace: InvocationTrace,
    function: Function,
    request_id: str,
    times: InvocationTimes,
    status: Status,
) -> list[dict[str, Any]]:
    """The segments of the service (``AWS::Lambda``) and of the function.

    Source: developer guide, "Understanding X-Ray traces" (two segments, with the
    subsegments Initialization and Invocation).
    """
    if not trace.function_segment_id:
        return []
    failed = status is not Status.SUCCESS
    begun_s = times.start_s if times.init_start_s is None else times.init_start_s
    service = {
        "name": function.name,
        "id": trace.service_segment_id,
        "trace_id": trace.root,
        "start_time": begun_s,
        "end_time": times.end_s,
        "origin": "AWS::Lambda",
        "resource_arn": function.arn,
        "http": {"response": {"status": 200}},
        "aws": {"request_id": request_id},
        "fault": failed,
    }
    if trace.caller_segment_id:
        service["parent_id"] = trace.caller_segment_id
    return [service, _function_segment(trace, function, request_id, times, failed=failed)]


def _function_segment(
    trace: InvocationTrace,
    function: Function,
    request_id: str,
    times: InvocationTimes,
    *,
    failed: bool,
) -> dict[str, Any]:
    parts = [_subsegment("Invocation", times.start_s, times.end_s)]
    if times.init_start_s is not None and times.init_end_s is not None:
        parts.insert(0, _subsegment("Initialization", times.init_start_s, times.init_end_s))
    return {
        "name": function.name,
        "id": trace.function_segment_id,
        "trace_id": trace.root,
        "parent_id": trace.service_segment_id,
        "start_time": parts[0]["start_time"],
        "end_time": times.end_s,
        "origin": "AWS::Lambda::Function",
        "aws": {"function_arn": function.arn, "request_id": request_id},
        "cloudwatch_logs": [{"log_group": function.log_group}],
        "fault": failed,
        "subsegments": parts,
    }


def _subsegment(name: str, start_s: float, end_s: float) -> dict[str, Any]:
    return {"name": name, "id": segment_id(), "start_time": start_s, "end_time": end_s}
