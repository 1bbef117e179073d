from __future__ import annotations

import os
from pathlib import Path

from cloudworthy.local.lambda_.bytecode import drop_stale


def test_only_what_is_older_than_its_source_is_dropped(tmp_path: Path) -> None:
    code, bytecode = tmp_path / "code", tmp_path / "bytecode"
    mirror = bytecode / str(code.resolve()).lstrip("/") / "package"
    mirror.mkdir(parents=True)
    (code / "package").mkdir(parents=True)
    for name, source_ns in (("same", 10**18), ("edited", 10**18 + 2), ("gone", None)):
        compiled = mirror / f"{name}.cpython-313.pyc"
        compiled.write_bytes(b"")
        os.utime(compiled, ns=(10**18 + 1, 10**18 + 1))
        if source_ns is not None:
            (code / "package" / f"{name}.py").write_text("")
            os.utime(code / "package" / f"{name}.py", ns=(source_ns, source_ns))
    drop_stale(bytecode, code)
    assert sorted(p.name.partition(".")[0] for p in mirror.iterdir()) == ["gone", "same"]
