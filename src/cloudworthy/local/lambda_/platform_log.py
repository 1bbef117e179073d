"""The lines that Lambda itself adds to a function's log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from cloudworthy.local.lambda_.invocation import Status
from cloudworthy.local.model.functions import Function


@dataclass(frozen=True, slots=True)
class Report:
    """What the last line of an invocation says."""

    request_id: str
    duration_ms: float
    billed_ms: int
    memory_mib: int
    max_memory_mib: int
    init_ms: float | None = None
    status: Status = Status.SUCCESS
    error_type: str = ""
    trace_id: str = ""
    segment_id: str = ""
    """Empty unless the function traces actively."""
    produced_bytes: int = 0


class PlatformLog(Protocol):
    """The platform's messages, each a complete log event."""

    def init_start(self, now: datetime, runtime_version: str, runtime_arn: str) -> list[str]: ...

    def init_failed(
        self, now: datetime, error_type: str, init_ms: float, status: Status
    ) -> list[str]: ...

    def start(self, now: datetime, request_id: str) -> list[str]: ...

    def timed_out(self, now: datetime, request_id: str, timeout_s: int) -> list[str]: ...

    def exited(self, request_id: str, reason: str, error_type: str) -> list[str]: ...

    def done(self, now: datetime, report: Report) -> list[str]: ...


def platform_log(function: Function) -> PlatformLog:
    """In the format the function's ``LoggingConfig`` names."""
    if function.log_format == "JSON":
        return JsonPlatformLog(function.name, function.version, function.system_log_level)
    return TextPlatformLog(function.version)


@dataclass(frozen=True, slots=True)
class TextPlatformLog:
    """``INIT_START``, ``START``, ``END`` and ``REPORT``, separated by tabs.

    Source: recorded on AWS 2023-09-04; ``Status`` and ``XRAY`` parts documented in the
    developer guide.
    """

    function_version: str

    def init_start(self, _now: datetime, runtime_version: str, runtime_arn: str) -> list[str]:
        return [
            f"INIT_START Runtime Version: {runtime_version}\tRuntime Version ARN: {runtime_arn}\n"
        ]

    def init_failed(
        self, _now: datetime, error_type: str, init_ms: float, status: Status
    ) -> list[str]:
        fields = [
            f"INIT_REPORT Init Duration: {init_ms:.2f} ms",
            "Phase: init",
            f"Status: {status}",
        ]
        if error_type:
            fields.append(f"Error Type: {error_type}")
        return ["\t".join(fields) + "\n"]

    def start(self, _now: datetime, request_id: str) -> list[str]:
        return [f"START RequestId: {request_id} Version: {self.function_version}\n"]

    def timed_out(self, now: datetime, request_id: str, timeout_s: int) -> list[str]:
        return [f"{timestamp(now)} {request_id} Task timed out after {timeout_s:.2f} seconds\n\n"]

    def exited(self, request_id: str, reason: str, error_type: str) -> list[str]:
        return [f"RequestId: {request_id} Error: {reason}\n{error_type}\n"]

    def done(self, _now: datetime, report: Report) -> list[str]:
        return [f"END RequestId: {report.request_id}\n", _report_line(report)]


def _report_line(report: Report) -> str:
    fields = [
        f"REPORT RequestId: {report.request_id}",
        f"Duration: {report.duration_ms:.2f} ms",
        f"Billed Duration: {report.billed_ms} ms",
        f"Memory Size: {report.memory_mib} MB",
        f"Max Memory Used: {report.max_memory_mib} MB",
    ]
    if report.init_ms is not None:
        fields.append(f"Init Duration: {report.init_ms:.2f} ms")
    line = "\t".join(fields) + "\t\n"
    if report.segment_id:
        line += (
            f"XRAY TraceId: {report.trace_id}\tSegmentId: {report.segment_id}\tSampled: true\t\n"
        )
    if report.status is Status.TIMEOUT:
        line = line.removesuffix("\n") + "Status: timeout\n"
    elif report.status is Status.FAILURE:
        line = line.removesuffix("\n") + f"Status: error\tError Type: {report.error_type}\n"
    return line


_SYSTEM_LEVELS = {"DEBUG": 0, "INFO": 1, "WARN": 2}


@dataclass(frozen=True, slots=True)
class JsonPlatformLog:
    """``platform.*`` records, those at or above the function's system log level.

    Source: developer guide, "System log level event mapping" and "Lambda Telemetry API
    event schema" (documented).
    """

    function_name: str
    function_version: str
    system_log_level: str

    def init_start(self, now: datetime, runtime_version: str, runtime_arn: str) -> list[str]:
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": runtime_version,
            "runtimeVersionArn": runtime_arn,
            "functionName": self.function_name,
            "functionVersion": self.function_version,
        }
        return self._event(now, "INFO", "platform.initStart", record)

    def init_failed(
        self, now: datetime, error_type: str, init_ms: float, status: Status
    ) -> list[str]:
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "status": str(status),
            **({"errorType": error_type} if error_type else {}),
            "metrics": {"durationMs": round(init_ms, 3)},
        }
        return self._event(now, "WARN", "platform.initReport", record)

    def start(self, now: datetime, request_id: str) -> list[str]:
        record = {"requestId": request_id, "version": self.function_version}
        return self._event(now, "INFO", "platform.start", record)

    def timed_out(self, _now: datetime, _request_id: str, _timeout_s: int) -> list[str]:
        return []

    def exited(self, _request_id: str, _reason: str, _error_type: str) -> list[str]:
        return []

    def done(self, now: datetime, report: Report) -> list[str]:
        failed = report.status is not Status.SUCCESS
        runtime_done = self._event(
            now, "WARN" if failed else "DEBUG", "platform.runtimeDone", _runtime_done(report)
        )
        return runtime_done + self._event(
            now, "WARN" if failed else "INFO", "platform.report", _report_record(report)
        )

    def _event(self, now: datetime, level: str, kind: str, record: Mapping[str, Any]) -> list[str]:
        if _SYSTEM_LEVELS[level] < _SYSTEM_LEVELS[self.system_log_level]:
            return []
        event = {"time": timestamp(now), "type": kind, "record": record}
        return [orjson.dumps(event).decode()]


def _runtime_done(report: Report) -> dict[str, Any]:
    record: dict[str, Any] = {
        "requestId": report.request_id,
        "status": str(report.status),
        "metrics": {
            "durationMs": round(report.duration_ms, 3),
            "producedBytes": report.produced_bytes,
        },
    }
    if report.error_type:
        record["errorType"] = report.error_type
    return record


def _report_record(report: Report) -> dict[str, Any]:
    metrics: dict[str, Any] = {
        "durationMs": round(report.duration_ms, 3),
        "billedDurationMs": report.billed_ms,
        "memorySizeMB": report.memory_mib,
        "maxMemoryUsedMB": report.max_memory_mib,
    }
    if report.init_ms is not None:
        metrics["initDurationMs"] = round(report.init_ms, 3)
    record: dict[str, Any] = {
        "requestId": report.request_id,
        "metrics": metrics,
        "status": str(report.status),
    }
    if report.error_type:
        record["errorType"] = report.error_type
    if report.segment_id:
        record["tracing"] = {
            "spanId": report.segment_id,
            "type": "X-Amzn-Trace-Id",
            "value": f"Root={report.trace_id};Parent={report.segment_id};Sampled=1",
        }
    return record


def timestamp(moment: datetime) -> str:
    """``2026-01-02T03:04:05.678Z``."""
    return f"{moment.isoformat('T', 'milliseconds')[:23]}Z"
