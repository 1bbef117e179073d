"""What an answer must be when a service behind the API is not well."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import urllib3

from aws_api.repeats import ATTEMPTS
from faults.control import Hits

Answer = urllib3.BaseHTTPResponse


def assert_unavailable(answer: Answer) -> None:
    """Told to come back, and nothing else."""
    assert answer.status == 503, answer.data
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["code"] == "service_unavailable"


def assert_waited_for(answers: Sequence[Answer], hits: Hits) -> None:
    """Most requests succeed, as their calls are repeated; the few others say when to come back.

    With a rate of 0.4 all attempts of a call are hit 2.6 % of the time. That it happens to a
    third of two dozen requests, or that no other call is hit at all, is one chance in 100,000.
    """
    refused = [answer for answer in answers if answer.status >= 300]
    for answer in refused:
        assert_unavailable(answer)
    assert len(refused) < len(answers) / 3
    assert hits() > ATTEMPTS * len(refused)


def healthy(ask: Callable[[], Answer]) -> Callable[[], bool]:
    """Whether the health route says that all is well."""

    def check() -> bool:
        answer = ask()
        assert answer.status in (200, 503), answer.data
        return answer.status == 200

    return check


def unhealthy(ask: Callable[[], Answer], **reasons: str) -> Callable[[], bool]:
    """Whether the health route answers 503, with just these reasons by what it looks at."""

    def check() -> bool:
        answer = ask()
        checks = answer.json()["checks"]
        found = {name: each["reason"] for name, each in checks.items() if "reason" in each}
        return (answer.status, found) == (503, reasons)

    return check
