"""What a handler sees and what its log holds, compared with AWS."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from cloudworthy.local.lambda_.versions import Versions
from facts.facts import fact
from local.lambda_.running import ACCOUNT, REGION, running

CONTEXT = """
    import os
    AT_IMPORT = os.environ.get("_X_AMZN_TRACE_ID")
    def handler(event, context):
        return {
            "at_import": AT_IMPORT,
            "inside": os.environ.get("_X_AMZN_TRACE_ID"),
            "remaining": context.get_remaining_time_in_millis(),
            "identity": [context.identity.cognito_identity_id,
                         context.identity.cognito_identity_pool_id],
            "client_context": context.client_context and context.client_context.custom,
            **{name: getattr(context, name) for name in event["attributes"]},
        }
"""


async def test_the_trace_id_is_set_inside_the_handler_only() -> None:
    assert fact("lambda-runtime-003").expect["_X_AMZN_TRACE_ID"] == (
        "unset during import, set inside the handler"
    )
    async with running(CONTEXT) as served:
        seen = await served.answer({"attributes": []})
    assert seen["at_import"] is None
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", seen["inside"]
    )


async def test_the_context_object() -> None:
    expect = fact("lambda-runtime-004").expect
    names = [name for name in expect["attributes"] if not name.endswith("()")]
    async with running(CONTEXT, memory_mib=1024) as served:
        result = await served.invoke({"attributes": names})
        stream = served.logs.lines[0].stream
    seen = json.loads(result.payload)
    assert expect["memory_limit_in_mb"].startswith(json.dumps(seen["memory_limit_in_mb"]))
    assert seen["function_version"] == expect["function_version"]
    assert seen["log_group_name"] == expect["log_group_name"].replace("<function-name>", "function")
    assert seen["aws_request_id"] == result.request_id
    assert seen["function_name"] == "function"
    assert seen["log_stream_name"] == stream
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    assert 15_000 < seen["remaining"] <= 20_000


async def test_what_a_context_has_beside_that() -> None:
    assert fact("lambda-runtime-005").expect["identity"].startswith("CognitoIdentity")
    async with running(CONTEXT) as served:
        without = await served.answer({"attributes": []})
        given = await served.answer({"attributes": []}, client_context='{"custom": {"a": "b"}}')
    assert without["identity"] == [None, None]
    assert without["client_context"] is None
    assert given["client_context"] == {"a": "b"}


async def test_a_published_version() -> None:
    expect = fact("lambda-runtime-006").expect
    names = ["invoked_function_arn", "function_version", "memory_limit_in_mb"]
    async with running(CONTEXT) as served:
        latest = served.pool.functions
        version = replace(latest["function"], version="1")
        served.pool.update(
            latest, Versions({"function:1": version}, {"function:live": "function:1"})
        )
        unqualified = await served.answer({"attributes": names})
        first = await served.answer({"attributes": names}, function_name="function:1")
        alias = await served.answer({"attributes": names}, function_name="function:live")
        streams = {line.stream.partition("[")[2].partition("]")[0] for line in served.logs.lines}
    arn = expect["invoked_function_arn"].replace("<region>", REGION).replace("<acct>", ACCOUNT)
    assert first["invoked_function_arn"] == arn.replace("<name>", "function")
    for seen in (first, alias):
        assert seen["function_version"] == expect["function_version"]
        assert seen["client_context"] is expect["client_context"]
        assert seen["memory_limit_in_mb"] == expect["memory_limit_in_mb"]
    assert alias["invoked_function_arn"].endswith(":function:function:live")
    assert unqualified["invoked_function_arn"].endswith(":function:function")
    assert unqualified["function_version"] == "$LATEST"
    assert streams == {"$LATEST", "1"}


def pattern_of(line: str) -> str:
    """A recorded line, with what differs from run to run left open."""
    escaped = re.escape(line)
    for recorded, variable in (
        (r"python:3\.10\.v11", r"python:[\d.]+\.v\d+"),
        (r"<region>", r"[\w-]+"),
        (r"<hash>", r"[0-9a-f]{64}"),
        (r"<id>", r"[0-9a-f-]{36}"),
    ):
        escaped = escaped.replace(recorded, variable)
    escaped = re.sub(r"\d+\\\.\d\d\\ ms", r"\\d+\\.\\d\\d\\ ms", escaped)
    escaped = re.sub(r"Billed\\ Duration:\\ \d+", r"Billed\\ Duration:\\ \\d+", escaped)
    return re.sub(r"Used:\\ \d+", r"Used:\\ \\d+", escaped)


async def test_the_lines_of_a_cold_and_of_a_warm_invocation() -> None:
    cold = fact("lambda-runtime-007").expect["lines"]
    warm = fact("lambda-runtime-008").expect["line"]
    async with running("def handler(event, context): return 1") as served:
        await served.invoke()
        await served.invoke()
        messages = served.logs.messages
    assert len(messages) == 7
    for message, recorded in zip(messages, [*cold, cold[1], cold[2], warm], strict=True):
        assert re.fullmatch(pattern_of(recorded), message), (message, recorded)


async def test_an_unhandled_exception_is_one_event() -> None:
    wanted = fact("lambda-runtime-009").expect["message"]
    source = """
        class CustomException(Exception): pass


        def handler(event, context):
            raise CustomException("some error occurred")
    """
    async with running(source) as served:
        await served.error()
        logged = served.logs.of_the_function
        code = served.code
    assert [line.replace(f"{code}/app.py", "/var/task/handler.py") for line in logged] == [wanted]


async def test_each_printed_line_is_an_event() -> None:
    assert "does not split" in fact("lambda-runtime-010").expect["effect"]
    source = r"""
        def handler(event, context):
            print("one\ntwo\rstill two")
            print("no newline", end="")
    """
    async with running(source) as served:
        await served.invoke()
    assert served.logs.of_the_function == ["one\n", "two\rstill two\n", "no newline"]


async def test_a_line_of_the_logging_module() -> None:
    wanted = fact("lambda-runtime-011").expect["line"]
    source = """
        import logging
        logging.getLogger().setLevel("INFO")
        def handler(event, context): logging.info("msg")
    """
    async with running(source) as served:
        result = await served.invoke()
    (line,) = served.logs.of_the_function
    expected = re.escape(wanted.replace("<request id>", result.request_id)).replace(
        r"2023\-01\-01T00:00:00\.000Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    )
    assert re.fullmatch(expected, line)


async def test_the_line_of_a_timeout() -> None:
    wanted = fact("lambda-runtime-012").expect["line"]
    source = """
        import time
        def handler(event, context): time.sleep(30)
    """
    async with running(source, timeout_s=1) as served:
        result = await served.invoke()
    (line,) = served.logs.of_the_function
    expected = wanted.replace("<request id>", result.request_id).replace("3.00", "1.00")
    moment, _, rest = line.strip().partition(" ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
    assert f"<ISO8601Z> {rest}" == expected
    assert served.logs.messages[-1].endswith("Status: timeout\n")
