from __future__ import annotations

import pytest

from cloudworthy.local.lambda_.trace import join_trace
from cloudworthy.local.model.records import every_request

ROOT = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize(
    ("header", "active", "sampled"),
    [
        ("", False, False),
        ("", True, True),
        (f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1", False, True),
        (f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0", True, False),
        (f"Root={ROOT};Sampled=?", True, True),
    ],
)
def test_the_callers_decision_on_sampling_holds(
    header: str, *, active: bool, sampled: bool
) -> None:
    trace = join_trace(header, active=active, now_s=1_700_000_000.5, sampler=every_request)
    assert trace.sampled is sampled
    assert bool(trace.function_segment_id) is (active and sampled)
    assert trace.root == ROOT or (not header and trace.root.startswith("1-6553f100-"))


def test_a_function_that_passes_through_keeps_the_callers_parent() -> None:
    header = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
    assert join_trace(header, active=False, now_s=0, sampler=every_request).header == header


def test_without_a_decision_the_sampler_decides_for_an_active_function() -> None:
    trace = join_trace("", active=True, now_s=0, sampler=lambda: False)
    assert trace.header.endswith(";Sampled=0")
    assert trace.function_segment_id == ""
