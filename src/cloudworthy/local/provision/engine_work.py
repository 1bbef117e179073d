"""Work on resources that may call an engine: in threads, and its failures named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.provision.engines import ProvisionError
from cloudworthy.local.provision.registry import type_named
from cloudworthy.local.provision.resource_type import ResourceType, Site
from cloudworthy.local.provision.state import Record

T = TypeVar("T")


async def in_thread(name: str, executor: Executor, work: Callable[[], T]) -> T:
    """Do work that calls an engine; ``name`` is the resource's, for the error.

    Raises
    ------
    ProvisionError
        What the engine said.
    """
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work)
    except CloudworthyError:
        raise
    except Exception as error:
        raise ProvisionError(
            f"{name}: {error}. What was made before is kept: correct the cause and start again."
        ) from error


async def call(kind: ResourceType, logical_id: str, executor: Executor, work: Callable[[], T]) -> T:
    """Do a piece of work on a resource, in a thread when its type needs an engine."""
    if not kind.in_engine:
        return work()
    return await in_thread(f"{kind.name} ({logical_id})", executor, work)


async def delete_record(record: Record, site: Site, executor: Executor) -> None:
    """Delete one resource; that it is gone already is no error."""
    kind = type_named(record.resource.type)
    if kind is None:
        raise ProvisionError(
            f"{record.resource.type} ({record.logical_id}): found a resource of this type in the "
            "state, expected one that this version knows. Use the version that made it."
        )
    await call(kind, record.logical_id, executor, lambda: kind.delete(record.resource, site))
