"""No difference to another complete evaluator on thousands of generated requests."""

from __future__ import annotations

from local.iam.differential import compare, report

SEED = 20260410
CASES = 10_500


def test_every_decision_is_that_of_the_oracle() -> None:
    result = compare(SEED, CASES)
    assert result.differences == [], report(result.differences[0])
    assert result.decisions.total() == CASES
    # The comparison says something only if each answer is frequent.
    assert set(result.decisions) == {"Allowed", "ExplicitlyDenied", "ImplicitlyDenied"}
    assert min(result.decisions.values()) > CASES // 10
