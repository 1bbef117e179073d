"""Every way to come without a good token to a route of an HTTP API that wants a JWT."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from callers.tokens import (
    MUTATIONS,
    broken,
    mutations,
    signed_with_public_key,
    unsigned,
    with_claims,
)
from cloudworthy.local.apigateway.http.definition import JwtAuthorizer
from local.apigateway.http.issuer import NOW_S, Issuer, issuing, private_key
from local.apigateway.http.serving import V2, Served, http_api, route, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
UNAUTHORIZED = (401, b'{"message":"Unauthorized"}')
FORBIDDEN = (403, b'{"message":"Forbidden"}')


@dataclass
class Guarded:
    served: Served
    issuer: Issuer

    async def get(self, target: str, *headers: tuple[str, str]) -> tuple[int, bytes]:
        response = await self.served.get(target, *headers)
        return response.status, response.body

    async def refused(self, target: str, *headers: tuple[str, str]) -> tuple[int, bytes]:
        """The answer, when the function was not invoked for it."""
        before = len(self.served.functions.requests)
        answer = await self.get(target, *headers)
        assert len(self.served.functions.requests) == before
        return answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded() -> AsyncIterator[Guarded]:
    async with issuing() as issuer:
        header, query = (
            JwtAuthorizer("Jwt", issuer.url, ("client",), f"$request.{source}")
            for source in ("header.Authorization", "querystring.token")
        )
        api = http_api(
            route("GET /x", V2, header),
            route("GET /scoped", V2, header, scopes=("items/write",)),
            route("GET /query", V2, query),
        )
        async with serving(api) as served:
            yield Guarded(served, issuer)


FORGED: dict[str, Callable[[Issuer], str]] = {
    "alg none": lambda it: unsigned(it.token(), "none"),
    "alg nOnE": lambda it: unsigned(it.token(), "nOnE"),
    "HS256 with the public key": lambda it: signed_with_public_key(
        it.token(), private_key("k1").public_key()
    ),
    "other claims": lambda it: with_claims(it.token(), sub="somebody-else"),
    "later end": lambda it: with_claims(it.token(exp=NOW_S - 1), exp=NOW_S + 60),
    "slash at the issuer": lambda it: it.token(iss=it.url + "/"),
    "no issuer": lambda it: it.token(iss=None),
    "no audience": lambda it: it.token(aud=None),
    "audience is empty": lambda it: it.token(aud=[]),
    "audience begins alike": lambda it: it.token(aud="client2"),
    "audience is an object": lambda it: it.token(aud={"client": 1}),
    "no end": lambda it: it.token(exp=None),
    "end is a text": lambda it: it.token(exp=str(NOW_S + 60)),
    "endless": lambda it: it.token(exp=1e400),
    "end is true": lambda it: it.token(exp=True),
    "beginning is a text": lambda it: it.token(nbf="0"),
    "issued at a text": lambda it: it.token(iat="0"),
    "no key": lambda it: it.token(key_id="", signed_by="k1"),
}


@pytest.mark.parametrize("made", FORGED)
async def test_forged(guarded: Guarded, made: str) -> None:
    token = FORGED[made](guarded.issuer)
    for prefix in ("", "Bearer "):
        answer = await guarded.refused("/x", ("Authorization", prefix + token))
        assert answer == UNAUTHORIZED


async def test_broken(guarded: Guarded) -> None:
    for made, token in broken(guarded.issuer.token()).items():
        answer = await guarded.refused("/x", ("Authorization", f"Bearer {token}"))
        assert answer == UNAUTHORIZED, made


def no_good_headers(token: str) -> list[list[tuple[str, str]]]:
    return [
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", f"Basic {token}")],
        [("Authorization", f"Bearer Bearer {token}")],
        [("Cookie", f"Authorization={token}")],
        [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")],
    ]


def no_good_queries(token: str) -> list[str]:
    return ["/query", "/query?token=", f"/query?Token={token}", f"/query?token={token}x"]


async def test_where_the_token_is(guarded: Guarded) -> None:
    token = guarded.issuer.token()
    for headers in no_good_headers(token):
        assert await guarded.refused("/x", *headers) == UNAUTHORIZED, headers
    for headers in ([("aUTHORIZATION", f"bEARER {token}")], [("Authorization", token)]):
        assert (await guarded.get("/x", *headers))[0] == 200
    assert (await guarded.get(f"/query?token={token}"))[0] == 200
    for target in no_good_queries(token):
        header = guarded.issuer.bearer()
        assert await guarded.refused(target, header) == UNAUTHORIZED, target


async def test_a_token_is_good_until_its_end_and_not_a_second_longer(guarded: Guarded) -> None:
    header = guarded.issuer.bearer(exp=NOW_S + 60)
    clock = guarded.served.clock
    try:
        clock.seconds = 59
        assert (await guarded.get("/x", header))[0] == 200
        clock.seconds = 60
        assert await guarded.refused("/x", header) == UNAUTHORIZED
    finally:
        clock.seconds = 0


@pytest.mark.parametrize(
    "scope", [None, "", "items/read", "items/writes", "items", "items/WRITE", "items/write,x"]
)
async def test_a_scope_that_is_not_the_routes(guarded: Guarded, scope: str | None) -> None:
    header = guarded.issuer.bearer(scope=scope)
    assert await guarded.refused("/scoped", header) == FORBIDDEN
    good = guarded.issuer.bearer(scope="openid items/write")
    assert (await guarded.get("/scoped", good))[0] == 200


@settings(max_examples=MUTATIONS, deadline=None)
@given(data=st.data())
async def test_no_mutation_of_a_token_gets_through(guarded: Guarded, data: st.DataObject) -> None:
    token = guarded.issuer.token()
    mutated = data.draw(mutations(token).filter(lambda it: it != token))
    header = ("Authorization", f"Bearer {mutated}")
    assert await guarded.refused("/x", header) == UNAUTHORIZED
