"""From the import of a handler to its first answer, in fresh processes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dynamodb import ITEMS, LocalDynamoDb, aws_client
from benchmarks.results import ColdStart
from benchmarks.service import HANDLER, get_item_event, lambda_variables, variables
from benchmarks.workspace import Workspace

OURS = "our api handler"
BARE = "bare handler, pydynox"
BOTO3 = "bare handler, boto3"
# A UUIDv7 and its timestamp, as the service makes them.
_ITEM_ID = "019b76da-a800-7fcd-a084-95d565ef66e7"
_CREATED_AT = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class _Variant:
    name: str
    python: Path
    module: str
    function: str
    import_path: tuple[Path, ...]


def measure(workspace: Workspace, rounds: int) -> list[ColdStart]:
    """Each handler once a round, after one round that only fills the caches."""
    directory = workspace.fresh("cold-start")
    database = LocalDynamoDb(workspace.dynoxide, directory, workspace.log("cold-start-dynoxide"))
    try:
        _seed(database.endpoint_url)
        event = directory / "event.json"
        event.write_text(json.dumps(get_item_event(_ITEM_ID)))
        environment = {
            **variables("web-app"),
            **lambda_variables(database.endpoint_url),
            "CREATED_AT": _CREATED_AT,
        }
        variants = _variants(workspace)
        taken: dict[str, list[float]] = {variant.name: [] for variant in variants}
        for number in range(rounds + 1):
            for variant in variants:
                elapsed_ms = _once(workspace, variant, event, environment)
                if number:
                    taken[variant.name].append(elapsed_ms)
    finally:
        database.stop()
    return [ColdStart(name, each_ms) for name, each_ms in taken.items()]


def _variants(workspace: Workspace) -> list[_Variant]:
    ours, programs = workspace.handler_python(), workspace.own / "programs"
    module, _, function = HANDLER.rpartition(".")
    services = workspace.services
    return [
        _Variant(OURS, ours, module, function, (services,)),
        _Variant(BARE, ours, "bare_handler", "handler", (programs,)),
        _Variant(BOTO3, workspace.peer_python(), "boto3_handler", "handler", (programs,)),
    ]


def _once(
    workspace: Workspace, variant: _Variant, event: Path, environment: Mapping[str, str]
) -> float:
    program = workspace.program("cold_start.py")
    paths = ":".join(map(str, variant.import_path))
    done = subprocess.run(
        [str(variant.python), str(program), variant.module, variant.function, str(event)],
        env={**environment, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{variant.name} failed:\n{done.stdout}{done.stderr}")
    return int(done.stdout.split()[-1]) / 1_000_000


def _seed(endpoint_url: str) -> None:
    texts = {
        "item_id": _ITEM_ID,
        "created_at": _CREATED_AT,
        "updated_at": _CREATED_AT,
        "status": "pending",
        "name": "Benchmark item",
        "description": "Forty characters of text, more or less.",
    }
    strings = {name: {"S": text} for name, text in texts.items()}
    item = {**strings, "version": {"N": "1"}, "metadata": {"M": {}}}
    aws_client("dynamodb", endpoint_url).put_item(TableName=ITEMS, Item=item)
