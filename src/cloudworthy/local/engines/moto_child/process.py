"""The life of moto's process: restore, answer until told to end, write everything down."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

from cloudworthy.local.engines.moto_child.application import MotoApplication
from cloudworthy.local.engines.moto_child.durable import DurableApplication
from cloudworthy.local.engines.moto_child.isolation import Doorkeeper, refuse_connections
from cloudworthy.local.engines.moto_child.service import Service
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.wire.server import HttpServer

_MAX_BODY_BYTES = 5 * 1024**3
"""S3's own limit for one PutObject."""
_log = logging.getLogger("moto_child")


async def serve(port: int, application: DurableApplication, account: str) -> None:
    """Answer requests until SIGTERM."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    service = Service(application, account)
    admits = Doorkeeper().admits
    server = HttpServer(service.handle, max_body_bytes=_MAX_BODY_BYTES, admits=admits)
    await server.start(port)
    resting = asyncio.create_task(service.rest_when_quiet())
    await ended.wait()
    resting.cancel()
    await server.stop()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--account", required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    application = DurableApplication(MotoApplication(), arguments.state)
    refuse_connections()
    try:
        repeated = application.restore()
    except CloudworthyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if repeated:
        application.rest()
    uvloop.run(serve(arguments.port, application, arguments.account))
    application.close()
    return 0
