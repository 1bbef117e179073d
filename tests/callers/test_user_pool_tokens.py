"""Every way to come without a good token to a method that wants one of a Cognito user pool."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from hypothesis import given, settings

from callers.tokens import (
    MUTATIONS,
    broken,
    mutations,
    signed_with_public_key,
    unsigned,
    with_claims,
)
from cloudworthy.local.apigateway.authorizers.user_pool_keys import BackendUserPools
from facts.rest.test_cognito import NOW_S, POOL, Cognito, api, private_key, token
from local.apigateway.serving import ManualClock, Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNAUTHORIZED = (401, b'{"message":"Unauthorized"}')
EXPIRED = (401, b'{"message":"The incoming token has expired"}')
GOOD = token()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    keys = BackendUserPools(Cognito(), ManualClock())
    async with serving(api(), user_pools=keys) as found:
        yield found


async def refused(served: Served, *headers: tuple[str, str]) -> tuple[int, bytes]:
    """The answer, when the function was not invoked for it."""
    before = len(served.functions.requests)
    response = await served.get("/stage/x", *headers)
    assert len(served.functions.requests) == before
    return response.status, response.body


FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned(GOOD, "none"),
    "alg None": lambda: unsigned(GOOD, "None"),
    "HS256 with the public key": lambda: signed_with_public_key(
        GOOD, private_key("pool").public_key()
    ),
    "other claims": lambda: with_claims(GOOD, sub="somebody-else"),
    "later end": lambda: with_claims(token(exp=NOW_S - 1), exp=NOW_S + 9999),
    "not yet": lambda: token(nbf=NOW_S + 60),
    "another region": lambda: token(iss=POOL.issuer.replace("us-east-1.", "eu-west-1.")),
    "slash": lambda: token(iss=POOL.issuer + "/"),
    "no issuer": lambda: token(iss=""),
    "issuer is a list": lambda: with_claims(GOOD, iss=[POOL.issuer]),
    "no end": lambda: token(exp=None),
    "end is a text": lambda: token(exp=str(NOW_S + 60)) + "x",
    "endless": lambda: token(exp=1e400),
    "no use": lambda: token(token_use=None),
    "refresh": lambda: token(token_use="refresh"),
}


@pytest.mark.parametrize("made", FORGED)
async def test_forged(served: Served, made: str) -> None:
    for prefix in ("", "Bearer "):
        assert await refused(served, ("Authorization", prefix + FORGED[made]())) == UNAUTHORIZED


async def test_broken(served: Served) -> None:
    for made, given_token in broken(GOOD).items():
        answer = await refused(served, ("Authorization", given_token))
        assert answer == UNAUTHORIZED, made


NO_GOOD_HEADERS: list[list[tuple[str, str]]] = [
    [],
    [("Authorization", "")],
    [("Authorization", "   ")],
    [("Authorization", "Bearer")],
    [("Authorization", f"Basic {GOOD}")],
    [("Authorization", f"Bearer Bearer {GOOD}")],
    [("X-Authorization", GOOD)],
    [("Cookie", f"Authorization={GOOD}")],
    [("Authorization", f"{GOOD},{GOOD}")],
    [("Authorization", GOOD), ("Authorization", "x")],
]


async def test_the_header(served: Served) -> None:
    """It may come in any case; it is one header, and nothing else will do."""
    for headers in NO_GOOD_HEADERS:
        assert await refused(served, *headers) == UNAUTHORIZED, headers
    for name in ("authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"):
        assert (await served.get("/stage/x", (name, GOOD))).status == 200


async def test_a_token_is_good_until_its_end_and_not_a_second_longer(served: Served) -> None:
    header = ("Authorization", token(exp=NOW_S + 60))
    try:
        served.clock.seconds = 59
        assert (await served.get("/stage/x", header)).status == 200
        served.clock.seconds = 60
        assert await refused(served, header) == EXPIRED
    finally:
        served.clock.seconds = 0


async def test_another_pool(served: Served) -> None:
    """Even when its keys have the same names."""
    other = token("another", iss=f"{POOL.issuer[:-1]}4")
    assert await refused(served, ("Authorization", other)) == UNAUTHORIZED


@settings(max_examples=MUTATIONS, deadline=None)
@given(mutated=mutations(GOOD).filter(lambda it: it != GOOD))
async def test_no_mutation_of_a_token_gets_through(served: Served, mutated: str) -> None:
    assert await refused(served, ("Authorization", mutated)) == UNAUTHORIZED
