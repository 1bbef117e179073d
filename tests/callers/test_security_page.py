"""The numbers that the security page gives for the tables of these tests."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from callers import (
    test_api_keys,
    test_jwt_tokens,
    test_lambda_authorizers,
    test_signatures,
    test_user_pool_tokens,
)
from callers.tokens import MUTATIONS, broken
from cloudworthy.blueprints.callers_section import SECTION

_BROKEN = len(broken(test_user_pool_tokens.GOOD))
_MINUTES = 5


def cases(test: Callable[..., Any]) -> int:
    """How often a test runs."""
    marks = [it for it in getattr(test, "pytestmark", []) if it.name == "parametrize"]
    return math.prod(len(it.args[1]) for it in marks)


def row(asked_for: str) -> list[int]:
    """The numbers in a row of the page, but for those of the answer."""
    (line,) = (it for it in SECTION.splitlines() if it.startswith(f"| {asked_for}"))
    _, ways, at_random, _ = line.strip("| ").split(" | ")
    return [int(it) for it in re.findall(r"\d+", f"{ways} {at_random}")]


@pytest.mark.parametrize(
    ("asked_for", "counted"),
    [
        ("API key", [cases(test_api_keys.test_refused), MUTATIONS]),
        ("signature", [cases(test_signatures.test_refused), _MINUTES, MUTATIONS]),
        (
            "token of a Cognito user pool",
            [
                cases(test_user_pool_tokens.test_forged),
                _BROKEN,
                len(test_user_pool_tokens.NO_GOOD_HEADERS),
                MUTATIONS,
            ],
        ),
        (
            "JWT of an HTTP API",
            [
                cases(test_jwt_tokens.test_forged),
                _BROKEN,
                len(test_jwt_tokens.no_good_headers("") + test_jwt_tokens.no_good_queries("")),
                cases(test_jwt_tokens.test_a_scope_that_is_not_the_routes),
                MUTATIONS,
            ],
        ),
        (
            "Lambda authorizer",
            [
                len(test_lambda_authorizers.NOT_IDENTITIES),
                len(test_lambda_authorizers.WRONG),
                MUTATIONS,
            ],
        ),
        (
            "authorizer that is not there",
            [
                cases(
                    test_lambda_authorizers.test_a_method_whose_authorizer_is_not_there_is_refused_by_name
                )
                + cases(
                    test_lambda_authorizers.test_a_route_whose_authorizer_is_not_there_is_refused_by_name
                )
            ],
        ),
    ],
)
def test_the_page_counts_what_is_tried(asked_for: str, counted: list[int]) -> None:
    assert row(asked_for) == counted
