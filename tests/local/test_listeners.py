"""Ports of APIs and sites across updates, over real sockets."""

from __future__ import annotations

import socket

import pytest

from cloudworthy.local.listeners import Listeners
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.wire.client import HttpClient, PeerUnavailableError
from cloudworthy.local.wire.server import PortTakenError


def answering(text: bytes) -> Handler:
    async def handle(_request: Request) -> Response:
        return Response(200, [], text)

    return handle


async def ask(port: int) -> bytes:
    client = HttpClient("127.0.0.1", port)
    try:
        return (await client.request("GET", "/", [])).body
    finally:
        client.close()


async def serve(listeners: Listeners, handlers: dict[str, Handler]) -> None:
    await listeners.open(handlers)
    await listeners.serve(handlers)


async def test_an_update_keeps_ports_swaps_handlers_and_closes_what_is_gone() -> None:
    listeners = Listeners(0)
    try:
        await serve(listeners, {"A": answering(b"a1"), "B": answering(b"b1")})
        before = dict(listeners.ports)
        await serve(listeners, {"A": answering(b"a2"), "C": answering(b"c")})
        assert listeners.ports["A"] == before["A"]
        assert await ask(before["A"]) == b"a2"
        assert await ask(listeners.ports["C"]) == b"c"
        with pytest.raises(PeerUnavailableError):
            await ask(before["B"])
    finally:
        await listeners.stop()


async def test_a_taken_port_leaves_what_was_served_as_it_was() -> None:
    first, taken = free_port_below_a_taken_one()
    listeners = Listeners(first)
    try:
        await serve(listeners, {"A": answering(b"a1")})
        with taken, pytest.raises(PortTakenError, match=f"Port {first + 1}"):
            await serve(listeners, {"A": answering(b"a2"), "B": answering(b"b")})
        assert await ask(first) == b"a1"
    finally:
        await listeners.stop()


async def test_of_several_new_ports_one_of_which_is_taken_none_stays_open() -> None:
    first, taken = free_port_below_a_taken_one()
    listeners = Listeners(first)
    try:
        with taken, pytest.raises(PortTakenError, match=f"Port {first + 1}"):
            await serve(listeners, {"A": answering(b"a"), "B": answering(b"b")})
        assert listeners.ports == {}
        with pytest.raises(PeerUnavailableError):
            await ask(first)
    finally:
        await listeners.stop()


def free_port_below_a_taken_one() -> tuple[int, socket.socket]:
    while True:
        taken = socket.create_server(("127.0.0.1", 0))
        first: int = taken.getsockname()[1] - 1
        try:
            socket.create_server(("127.0.0.1", first)).close()
        except OSError:
            taken.close()
        else:
            return first, taken
