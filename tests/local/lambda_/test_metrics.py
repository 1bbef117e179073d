from __future__ import annotations

from pathlib import Path

from cloudworthy.local.lambda_.metrics import InvocationMetrics
from cloudworthy.local.model.records import MetricDatum
from local.lambda_.running import function


class Kept:
    def __init__(self) -> None:
        self.data: list[MetricDatum] = []

    def put(self, datum: MetricDatum) -> None:
        self.data.append(datum)

    def taken(self) -> dict[tuple[str, ...], float]:
        """What was put since the last time, by name and values of dimensions."""
        data, self.data = self.data, []
        return {(it.name, *(value for _, value in it.dimensions)): it.value for it in data}


def test_an_invocation_from_its_admission_to_its_end(tmp_path: Path) -> None:
    kept = Kept()
    metrics = InvocationMetrics(kept)
    it = function(tmp_path, "f")
    metrics.admitted(it, 2, 5)
    assert kept.taken() == {
        ("Invocations", "f"): 1,
        ("Invocations", "f", "f"): 1,
        ("Invocations",): 1,
        ("ConcurrentExecutions", "f"): 2,
        ("ConcurrentExecutions", "f", "f"): 2,
        ("ConcurrentExecutions",): 5,
    }
    metrics.ended(it, 12.3456, failed=True)
    ended = kept.taken()
    assert ended["Duration", "f"] == 12.35
    assert [ended[name, "f"] for name in ("Errors", "Throttles")] == [1, 0]
    assert ended["Errors",] == 1
    metrics.ended(it, 1, failed=False)
    assert kept.taken()["Errors", "f"] == 0


def test_a_refused_invocation_is_a_throttle_and_no_invocation(tmp_path: Path) -> None:
    kept = Kept()
    InvocationMetrics(kept).throttled(function(tmp_path, "f"))
    assert kept.taken() == {("Throttles", "f"): 1, ("Throttles", "f", "f"): 1, ("Throttles",): 1}
