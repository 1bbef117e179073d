"""The part of the AWS command line that the documentation uses, on botocore's models.

Run as a program it carries a command out. A service, an operation or an option that AWS does
not have is a ``ValueError``, as is a query that does not compile.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import botocore.session
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.model import OperationModel

OF_EVERY_COMMAND = {"--query", "--output", "--region"}
BUCKETS = {"rb": {"--force"}}
"""Of `aws s3`, which is the command line's own: verbs with their options."""


@dataclass(frozen=True)
class AwsCommand:
    """One command, its options checked."""

    service: str
    operation: OperationModel
    parameters: dict[str, Any]
    query: str | None
    output: str

    def run(self) -> str:
        """What it prints."""
        client = botocore.session.get_session().create_client(self.service)
        method = xform_name(self.operation.name)
        if client.can_paginate(method):
            answer = client.get_paginator(method).paginate(**self.parameters).build_full_result()
        else:
            answer = getattr(client, method)(**self.parameters)
        found = jmespath.search(self.query, answer) if self.query else answer
        return "\t".join(_texts(found)) if self.output == "text" else json.dumps(found, default=str)


def parse(arguments: Sequence[str]) -> AwsCommand | None:
    """Check a command; ``None`` for one of ``aws s3``, which has no model.

    Raises
    ------
    ValueError
        It names what AWS does not have.
    """
    service, verb, *rest = arguments
    given = dict(_options(rest))
    if service == "s3":
        _known(given.keys(), BUCKETS[verb] | OF_EVERY_COMMAND, verb)
        return None
    operation = _operation(service, verb)
    shape = operation.input_shape
    members = shape.members if shape else {}
    by_option = {f"--{xform_name(name, '-')}": name for name in members}
    switches = {
        f"--{no}{option[2:]}": (name, no == "")
        for option, name in by_option.items()
        for no in ("", "no-")
        if members[name].type_name == "boolean"
    }
    _known(given.keys(), by_option.keys() | switches.keys() | OF_EVERY_COMMAND, verb)
    parameters: dict[str, Any] = {}
    for option, values in given.items():
        if option in switches:
            name, parameters[name] = switches[option]
        elif option in by_option:
            is_list = members[by_option[option]].type_name == "list"
            parameters[by_option[option]] = values if is_list else " ".join(values)
    missing = set(shape.required_members if shape else []) - parameters.keys()
    if missing:
        raise ValueError(f"{service} {verb}: {', '.join(sorted(missing))} missing")
    query = " ".join(given.get("--query", []))
    if query:
        jmespath.compile(query)
    return AwsCommand(
        service, operation, parameters, query or None, "".join(given.get("--output", ["json"]))
    )


def _operation(service: str, verb: str) -> OperationModel:
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    _known([verb], names, service)
    return model.operation_model(names[verb])


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    starts = [n for n, each in enumerate(arguments) if each.startswith("--")]
    for start, end in pairwise([*starts, len(arguments)]):
        yield arguments[start], list(arguments[start + 1 : end])


def _known(given: Any, known: Any, where: str) -> None:
    if unknown := set(given) - set(known):
        raise ValueError(f"{where}: AWS has no {', '.join(sorted(unknown))}")


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, list):
        for each in found:
            yield from _texts(each)
    else:
        yield str(found)


if __name__ == "__main__":
    command = parse(sys.argv[1:])
    if command is None:
        sys.exit("aws s3 is only read here")
    sys.stdout.write(command.run() + "\n")
