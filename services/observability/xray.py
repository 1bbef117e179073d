"""OpenTelemetry spans that are sent to the X-Ray daemon as segment documents.

Lambda makes the segment of the function itself, so that every span here is a subsegment.

Source: AWS X-Ray developer guide, "AWS X-Ray segment documents" and "Sending segment
documents to the X-Ray daemon" (documented).
"""

from __future__ import annotations

import json
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.util._decorator import _agnosticcontextmanager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from opentelemetry.util.types import AnyValue, Attributes

    from observability.trace_header import TraceHeader

_ANNOTATIONS = "aws.xray.annotations"


class DaemonAddress:
    """Sends documents to the daemon at `host:port` or `tcp:host:port udp:host:port`."""

    def __init__(self, address: str) -> None:
        udp = [part for part in address.split() if not part.startswith("tcp:")]
        host, _, port = (udp[0] if udp else address).removeprefix("udp:").rpartition(":")
        self._address = (host, int(port))

    def send(self, document: Mapping[str, Any]) -> None:
        """Send and forget: a trace that is lost must not cost a request."""
        text = '{"format": "json", "version": 1}\n' + json.dumps(document)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(text.encode(), self._address)
        except OSError:
            return


class XRaySpan(trace.Span):
    def __init__(
        self,
        name: str,
        parent: trace.SpanContext,
        attributes: Mapping[str, AnyValue],
        start_ns: int,
        export: Callable[[XRaySpan, int], None],
    ) -> None:
        self.name = name
        self.parent = parent
        self.attributes: dict[str, AnyValue] = dict(attributes)
        self.start_ns = start_ns
        self.exception_type: str | None = None
        self._export: Callable[[XRaySpan, int], None] | None = export
        self._context = trace.SpanContext(
            parent.trace_id,
            secrets.randbits(64) or 1,
            is_remote=False,
            trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
        )

    def end(self, end_time: int | None = None) -> None:
        if self._export is not None:
            self._export(self, end_time or time.time_ns())
            self._export = None

    def get_span_context(self) -> trace.SpanContext:
        return self._context

    def set_attributes(self, attributes: Mapping[str, AnyValue]) -> None:
        self.attributes.update(attributes)

    def set_attribute(self, key: str, value: AnyValue) -> None:
        self.attributes[key] = value

    def add_event(
        self, name: str, attributes: Attributes = None, timestamp: int | None = None
    ) -> None:
        """X-Ray has no events; there is nothing to keep them in."""

    def update_name(self, name: str) -> None:
        self.name = name

    def is_recording(self) -> bool:
        return self._export is not None

    def set_status(
        self, status: trace.Status | trace.StatusCode, description: str | None = None
    ) -> None:
        """X-Ray's flags follow from the status code of the answer and from exceptions."""

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,  # noqa: ARG002 - OpenTelemetry's signature
        timestamp: int | None = None,  # noqa: ARG002
        escaped: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> None:
        self.exception_type = type(exception).__qualname__


class XRayTracer(trace.Tracer):
    def __init__(self, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._send = send

    @staticmethod
    def remote_parent(header: TraceHeader) -> Context:
        """The segment that Lambda has opened, as the context of our first span."""
        root = header.root.removeprefix("1-").replace("-", "")
        parent = trace.SpanContext(int(root, 16), int(header.parent, 16), is_remote=True)
        return trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,  # noqa: ARG002 - OpenTelemetry's signature
        attributes: Attributes = None,
        links: Sequence[trace.Link] | None = None,  # noqa: ARG002
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: ARG002, FBT001, FBT002
        set_status_on_exception: bool = True,  # noqa: ARG002, FBT001, FBT002
    ) -> trace.Span:
        parent = trace.get_current_span(context).get_span_context()
        start_ns = start_time or time.time_ns()
        return XRaySpan(name, parent, attributes or {}, start_ns, self._export)

    @_agnosticcontextmanager
    def start_as_current_span(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[trace.Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
        end_on_exit: bool = True,  # noqa: FBT001, FBT002
    ) -> Iterator[trace.Span]:
        span = self.start_span(name, context, kind, attributes, links, start_time)
        with trace.use_span(span, end_on_exit, record_exception, set_status_on_exception):
            yield span

    def _export(self, span: XRaySpan, end_ns: int) -> None:
        self._send(document(span, end_ns))


def document(span: XRaySpan, end_ns: int) -> dict[str, Any]:
    """The subsegment document of a span that has ended."""
    attributes = span.attributes
    trace_id = trace.format_trace_id(span.parent.trace_id)
    result: dict[str, Any] = {
        "type": "subsegment",
        "id": trace.format_span_id(span.get_span_context().span_id),
        "trace_id": f"1-{trace_id[:8]}-{trace_id[8:]}",
        "parent_id": trace.format_span_id(span.parent.span_id),
        "name": span.name,
        "start_time": span.start_ns / 1e9,
        "end_time": end_ns / 1e9,
        **_flags(span),
    }
    annotations = attributes.get(_ANNOTATIONS)
    if isinstance(annotations, list):
        result["annotations"] = {str(key): attributes[str(key)] for key in annotations}
    if attributes.get("rpc.system") == "aws-api":
        result["namespace"] = "aws"
        result["aws"] = _aws(attributes)
    if "http.response.status_code" in attributes:
        result["http"] = {"response": {"status": attributes["http.response.status_code"]}}
    return result


def _aws(attributes: Mapping[str, AnyValue]) -> dict[str, AnyValue]:
    return {
        key.removeprefix("aws."): value
        for key, value in attributes.items()
        if key.startswith("aws.") and not key.startswith("aws.xray.")
    }


def _flags(span: XRaySpan) -> dict[str, Any]:
    """`error` for a caller's mistake, `throttle` with it for too many calls, `fault` for ours."""
    flags: dict[str, Any] = {}
    status = span.attributes.get("http.response.status_code")
    code = status if isinstance(status, int) else 0
    throttled = span.attributes.get("aws.xray.throttled") is True or code == 429
    if throttled:
        flags["throttle"] = True
    if throttled or 400 <= code < 500:
        flags["error"] = True
    if code >= 500 or span.exception_type is not None:
        flags["fault"] = True
    if span.exception_type is not None:
        cause = {"id": f"{secrets.randbits(64):016x}", "type": span.exception_type}
        flags["cause"] = {"working_directory": "", "exceptions": [cause]}
    return flags
