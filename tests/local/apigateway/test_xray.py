from __future__ import annotations

from dataclasses import replace

from cloudworthy.local.apigateway.definition import Stage
from local.apigateway.serving import rest_api, serving

TRACED = replace(rest_api("/x"), stages=(Stage("Stage", "stage", tracing=True),))
ROOT = "1-5759e988-bd862e3fe1be46a994272793"


async def test_the_function_continues_the_gateways_trace() -> None:
    async with serving(TRACED) as served:
        await served.get("/stage/x", ("User-Agent", "agent/1"))
        (segment,) = served.traces.segments
        header = served.functions.requests[0].trace_header
    (call,) = segment["subsegments"]
    assert header == f"Root={segment['trace_id']};Parent={call['id']};Sampled=1"
    assert (segment["name"], segment["origin"]) == ("api/stage", "AWS::ApiGateway::Stage")
    assert segment["http"]["response"] == {"status": 200}
    assert segment["http"]["request"]["user_agent"] == "agent/1"
    assert call["aws"]["request_id"] == "function-request"


async def test_the_callers_trace_is_continued() -> None:
    async with serving(TRACED) as served:
        sent = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
        await served.get("/stage/x", ("X-Amzn-Trace-Id", sent))
        (segment,) = served.traces.segments
        event = served.functions.event
    assert (segment["trace_id"], segment["parent_id"]) == (ROOT, "53995c3f42cd8ad8")
    assert event["headers"]["X-Amzn-Trace-Id"] == sent


async def test_a_caller_may_decide_against_sampling() -> None:
    async with serving(TRACED) as served:
        await served.get("/stage/x", ("X-Amzn-Trace-Id", f"Root={ROOT};Sampled=0"))
        assert served.traces.segments == []
        assert served.functions.requests[0].trace_header.endswith("Sampled=0")


async def test_a_stage_without_tracing_sends_nothing_and_leaves_the_decision() -> None:
    async with serving(rest_api("/x")) as served:
        await served.get("/stage/x")
        await served.get("/stage/x", ("X-Amzn-Trace-Id", f"Root={ROOT};Parent=5399"))
        assert served.traces.segments == []
        undecided, continued = [request.trace_header for request in served.functions.requests]
    assert undecided.startswith("Root=1-")
    assert ";" not in undecided
    assert continued == f"Root={ROOT};Parent=5399"


async def test_faults_and_throttles() -> None:
    async with serving(TRACED, lambda _: "malformed") as served:
        await served.get("/stage/x")
        await served.get("/stage/nowhere")
        fault, error = served.traces.segments
    assert (fault["fault"], error["error"]) == (True, True)
    assert "subsegments" not in error


async def test_the_sampler_decides_where_the_caller_has_not() -> None:
    async with serving(TRACED, sampler=lambda: False) as served:
        await served.get("/stage/x")
        await served.get("/stage/x", ("X-Amzn-Trace-Id", f"Root={ROOT};Sampled=?"))
        assert served.traces.segments == []
        await served.get("/stage/x", ("X-Amzn-Trace-Id", f"Root={ROOT};Sampled=1"))
        assert len(served.traces.segments) == 1
        sent = [request.trace_header for request in served.functions.requests]
    assert sent[0].endswith(";Sampled=0")
    assert sent[1] == f"Root={ROOT};Sampled=0"
