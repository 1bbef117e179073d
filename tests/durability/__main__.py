"""``PYTHONPATH=tests python -m durability --minutes 10 --seed 1``: a long trial."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from durability.trial import Trial, for_minutes, until_killed


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the runtime at random under load.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--kills", type=int, help="end after so many, not after a time")
    arguments = parser.parse_args()
    kills = arguments.kills
    go_on = for_minutes(arguments.minutes) if kills is None else until_killed(kills)
    sys.stdout.write(f"seed {arguments.seed}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="durability-") as directory:
        trial = Trial(Path(directory), arguments.seed)
        try:
            sys.stdout.write(f"{trial.run(go_on)}\n")
        finally:
            trial.world.system.stop()


if __name__ == "__main__":
    main()
