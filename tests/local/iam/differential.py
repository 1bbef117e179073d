"""Compares our decisions with the oracle's, for as many cases as wanted.

PYTHONPATH=tests .venv/bin/python -m local.iam.differential --cases 1000000 --seed 7
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from local.iam import oracle
from local.iam.cases import Case
from local.iam.generator import cases

_BATCH = 50_000


@dataclass(slots=True)
class Comparison:
    decisions: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[Case, str, str]] = field(default_factory=list)


def compare(seed: int, count: int) -> Comparison:
    """Decide on each case twice."""
    result = Comparison()
    generated = cases(seed, count)
    while batch := list(islice(generated, _BATCH)):
        for case, theirs in zip(batch, oracle.decisions(batch), strict=True):
            ours = case.evaluate().outcome.value
            result.decisions[ours] += 1
            if ours != theirs:
                result.differences.append((case, ours, theirs))
    return result


def report(difference: tuple[Case, str, str]) -> str:
    case, ours, theirs = difference
    return f"ours {ours}, theirs {theirs}: {json.dumps(case.for_oracle(), indent=1)}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare policy evaluation with the oracle.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    result = compare(arguments.seed, arguments.cases)
    print(f"{dict(result.decisions)}, {len(result.differences)} differences")  # noqa: T201
    for difference in result.differences[:3]:
        print(report(difference))  # noqa: T201
    return 1 if result.differences else 0


if __name__ == "__main__":
    sys.exit(main())
