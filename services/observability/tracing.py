"""Traces: one span an invocation, one around each call to another AWS service.

Nothing happens, and OpenTelemetry is not imported, unless the invocation is sampled and there
is a daemon to send to.

Source: AWS X-Ray developer guide, "Tracing header", and AWS Lambda developer guide, "Defined
runtime environment variables" (documented).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from observability.trace_header import TraceHeader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.trace import Span

    from observability.xray import XRayTracer


class Recording:
    """What the code in a span may tell about it; all of it is dropped without a span."""

    def __init__(self, span: Span | None = None) -> None:
        self._span = span

    def annotate(self, **annotations: str) -> None:
        """Add annotations: values that traces are searched by."""
        if self._span is not None:
            self._span.set_attributes(annotations)
            self._span.set_attribute("aws.xray.annotations", list(annotations))

    def answered(self, status: int, *, throttled: bool = False) -> None:
        if self._span is not None:
            self._span.set_attribute("http.response.status_code", status)
            self._span.set_attribute("aws.xray.throttled", throttled)

    def failed(self, error: Exception) -> None:
        """There was no answer."""
        if self._span is not None:
            self._span.record_exception(error)


_NOTHING = Recording()


class Tracing:
    """Starts spans; OpenTelemetry's own context knows which one is current.

    Parameters
    ----------
    environment
        Read at every invocation: Lambda puts the trace header there.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._tracer: XRayTracer | None = None
        self._recording = False

    @property
    def header(self) -> TraceHeader:
        return TraceHeader.parse(self._environment.get("_X_AMZN_TRACE_ID", ""))

    @contextmanager
    def invocation(self, name: str) -> Iterator[Recording]:
        """The span of an invocation; calls made inside it become its children."""
        header = self.header
        tracer = self._sampling_tracer(header)
        if tracer is None:
            yield _NOTHING
            return
        self._recording = True
        try:
            with tracer.start_as_current_span(name, tracer.remote_parent(header)) as span:
                yield Recording(span)
        finally:
            self._recording = False

    @contextmanager
    def call(
        self, service: str, operation: str, resource: Mapping[str, str]
    ) -> Iterator[Recording]:
        """The span of one request to another AWS service."""
        if self._tracer is None or not self._recording:
            yield _NOTHING
            return
        attributes = {f"aws.{key}": resource[key] for key in resource}
        attributes |= {"rpc.system": "aws-api", "aws.operation": operation}
        with self._tracer.start_as_current_span(service, attributes=attributes) as span:
            yield Recording(span)

    def _sampling_tracer(self, header: TraceHeader) -> XRayTracer | None:
        daemon = self._environment.get("AWS_XRAY_DAEMON_ADDRESS", "")
        if not (header.sampled and daemon):
            return None
        if self._tracer is None:
            from observability.xray import DaemonAddress, XRayTracer  # noqa: PLC0415 - 45 ms

            self._tracer = XRayTracer(DaemonAddress(daemon).send)
        return self._tracer
