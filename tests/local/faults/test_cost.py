"""The command that measures what a call pays for the possibility of faults."""

from __future__ import annotations

import re
import subprocess
import sys

from running_system import ROOT

DOCUMENT = (ROOT / "docs" / "reliability.md").read_text()


def test_the_command_of_the_documents_prints_the_three_figures() -> None:
    assert "`python -m scripts.fault_cost`" in " ".join(DOCUMENT.split())
    command = [sys.executable, "-m", "scripts.fault_cost", "50"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(.*?) +([\d.]+) µs$", printed, re.MULTILINE)
    assert [what for what, _ in found] == [
        "stat of a file",
        "call without faults",
        "event without faults",
    ]
    assert all(float(figure) > 0 for _, figure in found)
