"""Names of the JavaScript SDK, as ``AwsCustomResource`` writes them, for botocore's."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path

_PACKAGE = "@aws-sdk/client-"
_SERVICE_ID = re.compile(rb'"serviceId"\s*:\s*"([^"]+)"')
_HEAD_BYTES = 4096
"""A model begins with its metadata."""
_SIMILARITY = 0.8
"""Names of version 2 have words more: ``CognitoIdentityServiceProvider``."""


def find_service(name: str) -> str | None:
    """The name in botocore of a service: of ``S3``, ``CloudWatchLogs``, ``@aws-sdk/client-sfn``.

    Version 3 of the SDK names its packages after the service id in AWS's model of the service.
    Version 2 mostly does, without the spaces.
    """
    plain = _plain(name.removeprefix(_PACKAGE))
    names = _names()
    if plain in names:
        return names[plain]
    similar = get_close_matches(plain, names, n=1, cutoff=_SIMILARITY)
    return names[similar[0]] if similar else None


def find_operation(name: str, operations: list[str]) -> str | None:
    """``GetParameter`` of ``getParameter``, ``GetParameter`` or ``GetParameterCommand``."""
    known = {it.lower(): it for it in operations}
    lower = name.lower()
    return known.get(lower) or known.get(lower.removesuffix("command"))


@cache
def _names() -> dict[str, str]:
    """Names in botocore by service id and by themselves; the id wins."""
    found = dict(_service_ids())
    return {_plain(name): name for name in found.values()} | found


def _service_ids() -> Iterator[tuple[str, str]]:
    import botocore  # noqa: PLC0415 - a second start does without it

    for directory in sorted((Path(botocore.__file__).parent / "data").iterdir()):
        for model in sorted(directory.glob("*/service-2.json*"))[-1:]:
            open_model = gzip.open if model.suffix == ".gz" else open
            with open_model(model, "rb") as file:
                match = _SERVICE_ID.search(file.read(_HEAD_BYTES))
            if match is not None:
                yield _plain(match[1].decode()), directory.name


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
