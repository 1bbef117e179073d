"""What the HTTP server of moto's process calls."""

from __future__ import annotations

import asyncio
import logging
import os

from cloudworthy.local.engines.moto_child import longpoll
from cloudworthy.local.engines.moto_child.durable import DurableApplication, NotKeptError
from cloudworthy.local.engines.moto_child.journal import JournalError
from cloudworthy.local.model.backends import ENGINE_FAILURE_HEADER, STORAGE_FAILED
from cloudworthy.local.model.http import Request, Response

_log = logging.getLogger(__name__)

_QUIET_S = 0.5


class Service:
    """Asynchronous around the one thing that is not: moto."""

    def __init__(self, application: DurableApplication, account: str) -> None:
        self._application = application
        self._account = account
        self._changes = longpoll.Changes()
        self._last_request_s = 0.0

    async def handle(self, request: Request) -> Response:
        self._last_request_s = asyncio.get_running_loop().time()
        if longpoll.is_receive(request):
            return await self._receive(request)
        response = self._answer(request)
        self._changes.announce()
        return response

    async def rest_when_quiet(self) -> None:
        """Use the pauses between requests."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_QUIET_S)
            if loop.time() - self._last_request_s >= _QUIET_S:
                self._application.rest()

    async def _receive(self, request: Request) -> Response:
        request, wait_s = longpoll.without_wait(request, self._account)
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + wait_s
        while True:
            response = self._answer(request)
            remaining_s = deadline_s - loop.time()
            if remaining_s <= 0 or not longpoll.is_empty(request, response):
                return response
            await self._changes.wait(longpoll.pause_s(remaining_s))

    def _answer(self, request: Request) -> Response:
        try:
            return self._application(request)
        except JournalError as error:
            return Response(STORAGE_FAILED, [(ENGINE_FAILURE_HEADER, f"moto's journal: {error}")])
        except NotKeptError:
            _log.exception("%s %s", request.method, request.target)
            # Started again, the process has the state that the disk has.
            os._exit(1)
        except NotImplementedError as error:
            return Response(
                501, [(ENGINE_FAILURE_HEADER, f"moto does not implement this: {error}")]
            )
        except Exception as error:  # noqa: BLE001 - moto raises what it likes
            _log.exception("%s %s", request.method, request.target)
            return Response(
                500, [(ENGINE_FAILURE_HEADER, f"{type(error).__name__} in moto: {error}")]
            )
