"""docs/fidelity.md: its figures are those of the tests, and its commands run."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from facts.facts import all_facts
from running_system import ROOT

PAGE = (ROOT / "docs" / "fidelity.md").read_text()
LATER = ("esm-", "lambda-function-url-", "s3-events-")
"""Facts about event sources and function URLs."""


def test_the_figures_of_facts() -> None:
    named = facts_named_in_tests()
    later = {each for each in all_facts() if each.startswith(LATER)}
    assert named.isdisjoint(later)
    tested, total, left, not_there = figures(
        r"(\d+) of (\d+) are tests; (\d+) have a reason here or on their page; (\d+) are about"
    )
    assert (total, not_there) == (len(all_facts()), len(later))
    assert (tested, left) == (len(named), total - len(named) - not_there)


def test_the_other_implementation_can_be_asked() -> None:
    module = "local.iam.differential"
    assert f"PYTHONPATH=tests python -m {module} --cases 100000 --seed 1" in PAGE
    done = subprocess.run(
        [sys.executable, "-m", module, "--cases", "100", "--seed", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "tests"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def facts_named_in_tests() -> set[str]:
    """Those whose values a test compares with, by ``fact``, by its name or by its parameters."""
    texts = [path.read_text() for path in (ROOT / "tests" / "facts").rglob("test_*.py")]
    text = "\n".join(without_reasons(each) for each in texts)
    return {each for each in all_facts() if each in text or each.replace("-", "_") in text}


def without_reasons(text: str) -> str:
    """Without the facts that are listed because they are not tested."""
    return re.sub(r"^NOT_\w+ = \{.*?^\}", "", text, flags=re.MULTILINE | re.DOTALL)


def figures(sentence: str) -> list[int]:
    found = re.search(sentence, PAGE)
    assert found, sentence
    return [int(each) for each in found.groups()]
