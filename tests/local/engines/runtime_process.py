"""A runtime of its own process, to be killed: ``python -m local.engines.runtime_process DIR``."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from local.endpoint.served import served

if __name__ == "__main__":
    with served(Path(sys.argv[1])) as system:
        sys.stdout.write(f"{system.port} {system.dynamodb.pid} {system.services.pid}\n")
        sys.stdout.flush()
        threading.Event().wait()
