"""A function's or layer's code as a directory, whatever form the template has it in."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from cloudworthy.local.lambda_.environment import move_into_place
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.resources import Asset, TemplateValue

_CFNRESPONSE = Path(__file__).parent / "inline" / "cfnresponse.py"


class CodeStore:
    """Gives each ``Code`` or ``Content`` property its directory.

    A directory asset is used where it lies, so that a change of its files is a change of
    the function; an archive is unpacked once into the cache.

    Parameters
    ----------
    bucket_code
        Archives and directories of what comes from buckets, by logical id.
    """

    def __init__(
        self, assets: Mapping[str, Asset], cache: Path, bucket_code: Mapping[str, Path]
    ) -> None:
        self._assets = assets
        self._bucket_code = bucket_code
        self._cache = cache

    def directory(self, code: Mapping[str, TemplateValue], where: str, logical_id: str) -> Path:
        """The directory that ``/var/task`` or ``/opt`` would be.

        Raises
        ------
        UnsupportedError
            The code is a container image, or lies in a bucket that is not of this stack.
        TemplateError
            It is no archive, or one that would be unpacked to somewhere else.
        """
        if "ZipFile" in code:
            return self._inline(str(code["ZipFile"]))
        if "ImageUri" in code:
            raise UnsupportedError(
                f"{where}.ImageUri",
                logical_id,
                found="a container image",
                supported="a directory or zip asset",
            )
        if logical_id in self._bucket_code:
            return self._unpacked(self._bucket_code[logical_id], where, logical_id)
        asset = self._assets.get(str(code.get("S3Key", "")))
        if asset is None:
            raise UnsupportedError(
                f"{where}.S3Key",
                logical_id,
                found=repr(code.get("S3Key")),
                supported="the key of an asset of this cloud assembly, or a bucket of the stack",
            )
        return self._unpacked(asset.path, where, logical_id)

    def _unpacked(self, path: Path, where: str, logical_id: str) -> Path:
        if path.is_dir():
            return path
        if not zipfile.is_zipfile(path):
            raise TemplateError(
                where,
                logical_id,
                found=f"the file {path}",
                expected="a directory or a zip archive",
                action="Run the synth again, or name the directory that holds the code",
            )
        _refuse_escapes(path, where, logical_id)
        with path.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()[:32]
        if not (self._cache / name).is_dir():
            self._unpack(path, self._cache / name)
        return self._cache / name

    def _unpack(self, archive: Path, target: Path) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="unpacking-", dir=self._cache))
        try:
            shutil.unpack_archive(archive, scratch / "code", "zip")
            _restore_modes(archive, scratch / "code")
            move_into_place(scratch / "code", target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _inline(self, text: str) -> Path:
        """Inline code is the module ``index``; ``cfnresponse`` is there if it is imported.

        Source: CloudFormation, ``AWS::Lambda::Function Code.ZipFile`` (documented).
        """
        beside = _CFNRESPONSE.read_bytes() if "cfnresponse" in text else b""
        name = hashlib.sha256(text.encode() + beside).hexdigest()[:32]
        target = self._cache / f"inline-{name}"
        if not target.is_dir():
            self._cache.mkdir(parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix="unpacking-", dir=self._cache))
            (scratch / "index.py").write_text(text, encoding="utf-8")
            if beside:
                (scratch / _CFNRESPONSE.name).write_bytes(beside)
            move_into_place(scratch, target)
        return target


def _refuse_escapes(archive: Path, where: str, logical_id: str) -> None:
    """No entry may lie outside of the directory that it is unpacked into."""
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            path = PurePosixPath(name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts:
                raise TemplateError(
                    where,
                    logical_id,
                    found=f"the entry {name!r} in the archive",
                    expected="entries inside of the archive's own directory",
                    action="Pack it again from a directory that you trust",
                )


def _restore_modes(archive: Path, directory: Path) -> None:
    """Programs in the archive stay executable; unpacking alone does not keep that."""
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            path = directory / entry.filename
            if (entry.external_attr >> 16) & 0o100 and path.is_file():
                path.chmod(0o755)
