"""Wheels made on the spot, so that a build of a layer needs no registry."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wheel:
    """A wheel on this machine."""

    path: Path

    @property
    def pin(self) -> str:
        """The wheel as a line of a lock."""
        name = self.path.name.split("-")[0]
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return f"{name} @ {self.path.as_uri()} --hash=sha256:{digest}\n"


def write_wheel(
    directory: Path, name: str, files: Mapping[str, str], *, platform: str = "py3-none-any"
) -> Wheel:
    """Write a wheel that holds these files."""
    info = f"{name}-1.0.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {platform}\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in contents.items())
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{name}-1.0-{platform}.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return Wheel(target)


def _digest(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.decode().rstrip('=')}"
