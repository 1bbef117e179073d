"""Import a handler, let it answer one event, print how long that took in nanoseconds.

``cold_start.py MODULE FUNCTION EVENT_FILE``; the event is read before the clock starts, as
Lambda has it when the function starts.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path


class Context:
    """What Lambda tells a handler about its invocation."""

    function_name = "api"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:api"
    memory_limit_in_mb = "256"
    aws_request_id = "7a0fbd7c-5b0f-4c8e-9b1b-0a5c2f3d4e5f"
    log_group_name = "/aws/lambda/api"
    log_stream_name = "2026/01/02/[$LATEST]0123456789abcdef0123456789abcdef"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def main() -> None:
    module, function, event_file = sys.argv[1:]
    event = json.loads(Path(event_file).read_text())
    started = time.perf_counter_ns()
    answer = getattr(importlib.import_module(module), function)(event, Context())
    elapsed_ns = time.perf_counter_ns() - started
    if answer["statusCode"] != 200:
        raise SystemExit(f"{module}.{function} answered {answer}")
    sys.stdout.write(f"\n{elapsed_ns}\n")


if __name__ == "__main__":
    main()
