"""Workers under load, change and failure."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cloudworthy.local.lambda_.function_pool import Scaling
from cloudworthy.local.lambda_.launcher import CodeMissingError
from cloudworthy.local.lambda_.versions import Versions
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    TooManyRequestsError,
)
from local.lambda_.events import START, PacedClock, settled, until
from local.lambda_.running import CACHE, Running, running

PID = "import os\ndef handler(event, context): return os.getpid()"
INIT_ENDS_S = 20.0
"""When an init of these functions would take too long."""
SLOW = """
    import os, time
    def handler(event, context):
        time.sleep(event)
        return os.getpid()
"""


async def begun(served: Running, *, events: int = 1) -> None:
    """Wait until so many events have been given to workers."""
    await until(lambda: sum(it.startswith("START ") for it in served.logs.messages) >= events)


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def test_a_worker_is_used_again_and_only_the_first_start_is_reported() -> None:
    async with running(PID) as served:
        cold, warm = await served.invoke(), await served.invoke()
    assert cold.payload == warm.payload
    assert cold.init_ms is not None
    assert cold.init_ms > 0
    assert warm.init_ms is None
    assert cold.billed_ms >= cold.init_ms + cold.duration_ms
    assert 0 < warm.max_memory_mib < 128


async def test_events_at_the_same_time_run_in_different_workers() -> None:
    async with running(SLOW) as served:
        pids = await asyncio.gather(*(served.answer(0.6) for _ in range(3)))
        again = await served.answer(0)
    assert len(set(pids)) == 3
    assert again in pids


async def test_short_events_wait_for_a_busy_worker_instead_of_a_new_one() -> None:
    async with running(SLOW) as served:
        await served.answer(0)
        pids = await asyncio.gather(*(served.answer(0) for _ in range(4)))
    assert len(set(pids)) == 1


async def test_events_beyond_the_most_workers_wait_their_turn() -> None:
    async with running(SLOW, scaling=Scaling(max_workers=1)) as served:
        pids = await asyncio.gather(*(served.answer(0.1) for _ in range(3)))
    assert len(set(pids)) == 1


async def test_with_a_worker_for_each_processor_another_one_takes_a_long_wait() -> None:
    async with running(SLOW, scaling=Scaling(computing_workers=1)) as served:
        await served.answer(0)
        short = await asyncio.gather(*(served.answer(0.05) for _ in range(2)))
        long = await asyncio.gather(*(served.answer(1) for _ in range(2)))
    assert (len(set(short)), len(set(long))) == (1, 2)


async def test_idle_workers_end_but_for_one() -> None:
    async with running(SLOW, scaling=Scaling(idle_s=0.2)) as served:
        pids = await asyncio.gather(*(served.answer(0.5) for _ in range(2)))
        await until(lambda: sum(map(alive, pids)) == 1)
        left = [pid for pid in pids if alive(pid)]
        assert await served.answer(0) == left[0]


async def test_reserved_concurrency_counts_what_is_running() -> None:
    async with running(SLOW, reserved_concurrency=1) as served:
        first = asyncio.create_task(served.answer(0))
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequestsError) as raised:
            await served.invoke(0)
        await first
        await served.answer(0)
    assert raised.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"


async def test_functions_without_a_reservation_share_what_is_left_of_the_account() -> None:
    others: dict[str, dict[str, int]] = {"other": {}, "reserving": {"reserved_concurrency": 1}}
    async with running(SLOW, account_concurrency=3, others=others) as served:
        tasks = [
            asyncio.create_task(served.answer(0, function_name=name))
            for name in ("function", "other", "reserving")
        ]
        await asyncio.sleep(0)
        reasons = {}
        for name in ("function", "other", "reserving"):
            with pytest.raises(TooManyRequestsError) as raised:
                await served.invoke(0, function_name=name)
            reasons[name] = raised.value.reason
        await asyncio.gather(*tasks)
        await served.answer(0)
    assert reasons == {
        "function": "ConcurrentInvocationLimitExceeded",
        "other": "ConcurrentInvocationLimitExceeded",
        "reserving": "ReservedFunctionConcurrentInvocationLimitExceeded",
    }


async def test_a_function_that_does_not_exist() -> None:
    async with running(PID) as served:
        with pytest.raises(FunctionNotFoundError):
            await served.invoke(function_name="nobody")


async def test_the_invocation_goes_on_when_its_caller_leaves(tmp_path: Path) -> None:
    source = """
        import time
        from pathlib import Path
        def handler(event, context):
            time.sleep(0.3)
            Path(event).write_text("done")
    """
    done = tmp_path / "done"
    async with running(source) as served:
        caller = asyncio.create_task(served.invoke(str(done)))
        await begun(served)
        caller.cancel()
        await until(lambda: done.exists() and done.read_text() == "done")


async def test_new_code_is_live_at_once_and_running_events_finish_with_the_old() -> None:
    source = """
        import time
        from pathlib import Path
        def handler(event, context):
            while event and not Path(event).exists():
                time.sleep(0.01)
            return "{}"
    """
    async with running(source.replace("{}", "old")) as served:
        gate = served.code.parent / "gate"
        assert await served.answer() == "old"
        in_flight = asyncio.create_task(served.answer(str(gate)))
        await begun(served, events=2)
        served.write(source.replace("{}", "new"))
        await served.pool.reload(["function"])
        assert await served.answer() == "new"
        assert not in_flight.done()
        gate.touch()
        assert await in_flight == "old"
        assert await served.answer() == "new"


async def test_a_prepared_worker_answers_without_a_cold_start() -> None:
    clock = PacedClock()
    async with running(PID, clock=clock) as served:
        served.pool.warm(["function"])
        await until(lambda: clock.sleeps_until(INIT_ENDS_S))
        await until(lambda: not clock.sleeps_until(INIT_ENDS_S))
        await settled()
        result = await served.invoke()
    assert result.init_ms is None


async def test_broken_code_answers_its_error_until_it_is_mended() -> None:
    async with running(PID) as served:
        await served.answer()
        served.write("def handler(event, context) return 1")
        await served.pool.reload(["function"])
        error = await served.error()
        served.write(PID)
        await served.pool.reload(["function"])
        await served.answer()
    assert error["errorType"] == "Runtime.UserCodeSyntaxError"
    assert error["requestId"] == ""


async def test_a_changed_configuration_gets_fresh_workers() -> None:
    source = "import os\ndef handler(event, context): return os.environ.get('NAME')"
    async with running(source, environment={"NAME": "one"}) as served:
        assert await served.answer() == "one"
        changed = replace(served.pool.functions["function"], environment={"NAME": "two"})
        served.pool.update({"function": changed})
        assert await served.answer() == "two"
        served.pool.update({})
        with pytest.raises(FunctionNotFoundError):
            await served.invoke()


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        ("import nothing_here", "app.handler", "Runtime.ImportModuleError", "Unable to import"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing"),
        ("x = 1", "missing.handler", "Runtime.ImportModuleError", "Unable to import module"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("x = 1", "sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys"),
    ],
)
async def test_a_handler_that_cannot_be_loaded(
    source: str, handler: str, error_type: str, message: str
) -> None:
    async with running(source, handler=handler) as served:
        error = await served.error()
        logged = served.logs.of_the_function
    assert error["errorType"] == error_type
    assert error["errorMessage"].startswith(message)
    assert any(error_type in line for line in logged)


async def test_an_answer_that_is_not_json() -> None:
    async with running("def handler(event, context): return {1, 2}") as served:
        error = await served.error()
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"].startswith("Unable to marshal response: ")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 11)", "signal: segmentation fault"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
    ],
)
async def test_a_crash_is_told_and_the_next_event_has_a_new_worker(
    statement: str, reason: str
) -> None:
    source = f"""
        import os
        def handler(event, context):
            if event == "crash": {statement}
            return "fine"
    """
    async with running(source) as served:
        result = await served.invoke("crash")
        assert await served.answer("go on") == "fine"
        messages = served.logs.messages
    error = json.loads(result.payload)
    assert error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} "
        f"Error: Runtime exited with error: {reason}",
    }
    assert any(m.endswith("Status: error\tError Type: Runtime.ExitError\n") for m in messages)


@pytest.mark.parametrize("pause_s", [0, 60])
async def test_more_memory_than_the_setting_ends_the_worker(pause_s: int) -> None:
    """Whether it is seen while it runs, or from the peak when it answers."""
    source = f"""
        import time
        def handler(event, context):
            block = bytearray(200 * 1024 * 1024)
            time.sleep({pause_s})
            return len(block)
    """
    async with running(source, memory_mib=128) as served:
        result = await served.invoke()
        report = served.logs.messages[-1]
    assert json.loads(result.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {result.request_id} "
        "Error: Runtime exited with error: signal: killed",
    }
    assert report.endswith("Status: error\tError Type: Runtime.OutOfMemory\n")


async def test_an_answer_over_6_mib() -> None:
    source = "def handler(event, context): return 'x' * event"
    async with running(source) as served:
        assert len(await served.answer(6 * 1024 * 1024)) == 6 * 1024 * 1024
        error = await served.error(6 * 1024 * 1024 + 200)
        assert await served.answer(1) == "x"
    assert error == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size "
        "(6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


async def test_a_timeout_ends_what_the_handler_started_too() -> None:
    source = """
        import subprocess, time
        def handler(event, context):
            print(subprocess.Popen(["sleep", "300"]).pid)
            time.sleep(30)
    """
    async with running(source, timeout_s=1) as served:
        error = await served.error()
        await until(lambda: not alive(int(served.logs.of_the_function[0])))
    assert error["errorType"] == "Sandbox.Timedout"


async def test_the_environment_is_what_lambda_documents_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "value")
    source = """
        import os, sys
        def target(fd):
            try: return os.readlink(f"/dev/fd/{fd}")
            except FileNotFoundError: return "the listing"
        def handler(event, context):
            return {"env": dict(os.environ),
                    "fds": sorted(map(target, os.listdir("/dev/fd"))), "path": sys.path,
                    "cwd": os.getcwd(), "session": os.getsid(0) == os.getpid()}
    """
    async with running(source, environment={"TABLE_NAME": "items"}) as served:
        seen = await served.answer()
        code = str(served.code)
    assert set(seen["env"]) - {"LC_CTYPE"} == {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_XRAY_CONTEXT_MISSING",
        "HOME",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "TABLE_NAME",
        "TZ",
    }
    assert seen["env"]["LAMBDA_TASK_ROOT"] == seen["cwd"] == code
    assert seen["env"]["TABLE_NAME"] == "items"
    assert seen["env"]["AWS_ACCESS_KEY_ID"] == "AKIAfunction"
    assert seen["path"][0] == code
    assert not any(".venv" in entry for entry in seen["path"])
    assert seen["session"] is True
    assert len({fd for fd in seen["fds"] if fd.startswith("pipe:")}) == 1, "its own output"
    others = {fd for fd in seen["fds"] if not fd.startswith(("pipe:", "socket:"))}
    assert others == {"/dev/null", "the listing"}


async def test_the_same_events_in_json() -> None:
    source = """
        import logging
        log = logging.getLogger()
        def handler(event, context):
            log.info("too low")
            log.warning("told")
            print('{"level": "INFO", "timestamp": "2026-01-02T03:04:05Z", "message": "too low"}')
            print('{"level": "ERROR", "timestamp": "2026-01-02T03:04:05Z", "message": "told"}')
            print("plain")
            if event: raise ValueError("broken")
    """
    async with running(source, log_format="JSON", application_log_level="WARN") as served:
        await served.answer()
        await served.error(1)
        messages = served.logs.messages
    records = [json.loads(message) for message in messages if message.startswith("{")]
    assert [r.get("type", r.get("message", r.get("errorMessage"))) for r in records] == [
        "platform.initStart",
        *("platform.start", "told", "told", "platform.report"),
        *("platform.start", "told", "told", "broken", "platform.runtimeDone", "platform.report"),
    ]
    report = records[4]["record"]
    assert report["status"] == "success"
    assert set(report["metrics"]) == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }
    assert records[-1]["record"]["status"] == "error"
    assert messages.count("plain\n") == 2
    assert not any("too low" in message for message in messages)


async def test_active_tracing_has_lambdas_two_segments() -> None:
    source = "import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']"
    header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    async with running(source, tracing_active=True) as served:
        seen = await served.answer(trace_header=header)
        service, own = served.traces.segments
        report = served.logs.messages[-1]
        await served.answer(trace_header=header.replace("Sampled=1", "Sampled=0"))
        assert len(served.traces.segments) == 2
    assert service["parent_id"] == "53995c3f42cd8ad8"
    assert own["parent_id"] == service["id"]
    assert seen == f"Root=1-5759e988-bd862e3fe1be46a994272793;Parent={own['id']};Sampled=1"
    assert [part["name"] for part in own["subsegments"]] == ["Initialization", "Invocation"]
    assert re.search(rf"\nXRAY TraceId: {own['trace_id']}\tSegmentId: {own['id']}\t", report)


RUNTIME = """
import asyncio, sys
from local.lambda_.running import running
from local.lambda_.test_pool import begun

async def main():
    source = '''
        import os, time
        def handler(event, context):
            if event: time.sleep(300)
            return os.getpid()
    '''
    async with running(source) as served:
        worker = await served.answer(0)
        busy = asyncio.create_task(served.answer(1))
        await begun(served, events=2)
        print(worker, flush=True)
        await busy

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_the_runtime(number: signal.Signals) -> None:
    root = CACHE.parent.parent
    runtime = subprocess.Popen(
        [sys.executable, "-c", RUNTIME],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root / 'tests'}"},
    )
    assert runtime.stdout is not None
    worker = int(runtime.stdout.readline())
    assert alive(worker)
    runtime.send_signal(number)
    runtime.wait()
    runtime.stdout.close()
    deadline = time.monotonic() + 5
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(worker)


async def test_a_missing_code_directory_is_an_error_and_not_a_wait() -> None:
    async with running(PID) as served:
        shutil.rmtree(served.code)
        with pytest.raises(CodeMissingError, match=r"\(Function\): found no directory"):
            await served.invoke()


async def test_an_event_waits_for_the_worker_there_is_when_no_other_can_be_started() -> None:
    async with running(SLOW) as served:
        first = asyncio.create_task(served.answer(0.3))
        await begun(served)
        shutil.rmtree(served.code)
        assert await served.answer(0) == await first


async def test_a_start_that_fails_after_the_function_was_changed_is_nobodys_answer() -> None:
    async with running(PID) as served:
        sound = served.pool.functions["function"]
        broken = replace(sound, code=served.code / "gone")
        served.pool.update({"function": broken})
        event = asyncio.create_task(served.answer())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        served.pool.update({"function": sound})
        assert await event == await served.answer()


async def test_printed_and_logged_lines_keep_their_order() -> None:
    source = """
        import logging
        def handler(event, context):
            for number in range(50):
                print(number)
                logging.warning(number)
    """
    async with running(source) as served:
        await served.answer()
        numbers = [line.split()[-1] for line in served.logs.of_the_function]
    assert numbers == [str(number) for number in range(50) for _ in range(2)]


async def test_stopping_does_not_wait_for_what_is_running() -> None:
    async with running(SLOW, timeout_s=60) as served:
        event = asyncio.create_task(served.invoke(20))
        removed = asyncio.create_task(served.invoke(20))
        await begun(served, events=2)
        served.pool.update({})
    for task in (event, removed):
        with suppress(asyncio.CancelledError):
            assert (await task).function_error == "Unhandled"


async def test_code_changed_during_a_start_does_not_wait_for_the_old_start() -> None:
    source = """
        import pathlib, time
        (pathlib.Path(__file__).parent.parent / "importing").touch()
        time.sleep(300)
    """
    async with asyncio.timeout(20), running(source, clock=PacedClock()) as served:
        served.pool.warm(["function"])
        await until((served.code.parent / "importing").exists)
        served.write(PID)
        await served.pool.reload(["function"])
        await served.answer()


async def test_an_init_that_hangs_ends_after_ten_seconds_and_the_timeout() -> None:
    clock = PacedClock()
    async with running("import time; time.sleep(60)", timeout_s=3, clock=clock) as served:
        event = asyncio.create_task(served.error())
        await until(lambda: clock.sleeps_until(10.0))
        await clock.advance(10)
        await until(lambda: clock.sleeps_until(13.0))
        assert served.logs.messages[1] == (
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n"
        )
        await clock.advance(3)
        assert (await event)["errorType"] == "Sandbox.Timedout"


async def test_an_init_of_more_than_ten_seconds_takes_the_events_time() -> None:
    source = """
        import pathlib, time
        ready = pathlib.Path(__file__).parent.parent / "ready"
        while not ready.exists():
            time.sleep(0.01)
        def handler(event, context):
            return context._epoch_deadline_time_in_ms
    """
    clock = PacedClock()
    async with running(source, timeout_s=20, clock=clock) as served:
        event = asyncio.create_task(served.answer())
        await until(lambda: clock.sleeps_until(INIT_ENDS_S))
        await clock.advance(12)
        (served.code.parent / "ready").touch()
        end_s = (START + timedelta(seconds=20)).timestamp()
        assert await event == pytest.approx(end_s * 1000, abs=1)
        end_s += 12
        assert await served.answer() == pytest.approx(end_s * 1000, abs=1)


async def test_reloading_under_load_drops_no_event_and_never_goes_back() -> None:
    source = "def handler(event, context): return {}"
    async with running(source.replace("{}", "0")) as served:
        stop = asyncio.Event()

        async def client(seen: list[int]) -> None:
            while not stop.is_set():
                seen.append(await served.answer())

        answers: list[list[int]] = [[], [], []]
        clients = [asyncio.create_task(client(seen)) for seen in answers]
        for version in range(1, 6):
            await until(lambda old=version - 1: all(old in seen for seen in answers))  # type: ignore[misc]
            served.write(source.replace("{}", str(version)))
            await served.pool.reload(["function"])
            assert await served.answer() == version
        await until(lambda: all(5 in seen for seen in answers))
        stop.set()
        await asyncio.gather(*clients)
        for seen in answers:
            assert seen == sorted(seen)


async def test_credentials_are_revoked_when_the_last_worker_of_a_removed_function_ends() -> None:
    gone: list[str] = []
    async with running(SLOW, revoke=lambda it: gone.append(it.logical_id)) as served:
        functions = served.pool.functions
        version = replace(functions["function"], version="1")
        served.pool.update(functions, Versions({"function:1": version}))
        last = asyncio.create_task(served.answer(0.3))
        await asyncio.sleep(0)
        served.pool.update(functions)
        served.pool.update({})
        await settled()
        assert gone == []
        await last
        await until(lambda: gone == ["Function"])
