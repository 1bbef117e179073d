"""Every fact about invoking functions is tested."""

from __future__ import annotations

import re
from pathlib import Path

from facts.facts import ids_of_areas


def test_no_fact_is_forgotten() -> None:
    text = "".join(
        path.read_text() for path in Path(__file__).parent.glob("*.py") if path.name not in __file__
    )
    tested = set(re.findall(r"lambda-(?:invoke|runtime|async)-\d+", text))
    known = set(ids_of_areas(["lambda-invoke", "lambda-runtime", "lambda-async"]))
    assert tested == known
