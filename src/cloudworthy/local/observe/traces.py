"""X-Ray on one machine: the daemon that segments are sent to, and the file they go to."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from cloudworthy.local.model.records import TraceSink
from cloudworthy.local.observe.jsonlines import Batch, JsonLinesFile, render_line, waiting

_log = logging.getLogger(__name__)

_FLUSH_S = 0.05


class TraceStore:
    """Keeps segments in ``traces.jsonl``."""

    def __init__(
        self, directory: Path, *, max_bytes: int = 10 * 1024 * 1024, generations: int = 3
    ) -> None:
        path = directory / "traces.jsonl"
        self._file = JsonLinesFile(path, max_bytes=max_bytes, generations=generations)
        self._waiting: deque[bytes] = waiting()
        self._batch = Batch(_FLUSH_S, "traces")

    def put(self, segment: Mapping[str, Any]) -> None:
        self._waiting.append(render_line(segment))
        self._batch.schedule(self.flush)

    def flush(self) -> None:
        if self._waiting:
            self._file.append(self._waiting)
            self._waiting.clear()

    def close(self) -> None:
        self._batch.cancel()
        self._batch.write_now(self.flush)
        self._file.close()


class TraceDaemon:
    """Receives segments by UDP as the X-Ray daemon does.

    A datagram is a header line and the segment document: ``{"format": "json", "version": 1}``,
    a newline, the document.

    Source: AWS X-Ray developer guide, "Sending segment documents to the X-Ray daemon"
    (documented).
    """

    def __init__(self, sink: TraceSink) -> None:
        self._sink = sink
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> str:
        """Listen; returns the address for ``AWS_XRAY_DAEMON_ADDRESS``, ``host:port``."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Receiver(self._sink), local_addr=("127.0.0.1", 0)
        )
        host, port = cast("tuple[str, int]", self._transport.get_extra_info("sockname"))
        return f"{host}:{port}"

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, sink: TraceSink) -> None:
        self._sink = sink

    def datagram_received(self, data: bytes, _address: object) -> None:
        segment = parse_datagram(data)
        if segment is None:
            _log.debug("a datagram of %d bytes was no segment", len(data))
        else:
            self._sink.put(segment)


def parse_datagram(data: bytes) -> dict[str, Any] | None:
    """The segment document, or None when it is not one."""
    head, _, document = data.partition(b"\n")
    try:
        header, segment = orjson.loads(head), orjson.loads(document)
    except ValueError:
        return None
    if not isinstance(header, dict) or header.get("format") != "json":
        return None
    is_segment = isinstance(segment, dict) and isinstance(segment.get("trace_id"), str)
    return segment if is_segment else None
