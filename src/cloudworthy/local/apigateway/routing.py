"""API Gateway's own way of finding the method for a path.

Sources: rest-routing-001 to -010 (recorded, captured and documented).
"""

from __future__ import annotations

from collections.abc import Iterable

from cloudworthy.local.apigateway.errors import (
    INVALID_SIGNATURE,
    MISSING_AUTHENTICATION_TOKEN,
    GatewayError,
)
from cloudworthy.local.apigateway.exchange import Exchange, Match, Route

ANY_VERBS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class _Node:
    """A segment of the path tree."""

    __slots__ = ("greedy", "greedy_name", "literals", "parameter", "parameter_name", "routes")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.parameter_name = ""
        self.greedy: _Node | None = None
        self.greedy_name = ""
        self.routes: dict[str, Route] = {}

    def child(self, segment: str) -> _Node:
        if segment.endswith("+}"):
            self.greedy, self.greedy_name = self.greedy or _Node(), segment[1:-2]
            return self.greedy
        if segment.startswith("{"):
            self.parameter, self.parameter_name = self.parameter or _Node(), segment[1:-1]
            return self.parameter
        return self.literals.setdefault(segment, _Node())

    def route(self, verb: str) -> Route | None:
        return self.routes.get(verb) or (self.routes.get("ANY") if verb in ANY_VERBS else None)


class RouteTable:
    """Finds a route: a literal segment before ``{name}`` before ``{name+}``.

    The choice is made among pairs of resource and method: a resource without the verb does
    not hide a less specific one that has it.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.resource.path.split("/")[1:]:
                if segment:
                    node = node.child(segment)
            node.routes[route.method.http_method] = route

    def match(self, path: str, verb: str) -> Match | None:
        """The route and its path parameters, both exactly as they were sent."""
        segments = path.rstrip("/").split("/")[1:]
        return _find(self._root, segments, 0, verb)


def _find(node: _Node, segments: list[str], index: int, verb: str) -> Match | None:
    if index == len(segments):
        route = node.route(verb)
        return None if route is None else (route, {})
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is not None and (found := _find(literal, segments, index + 1, verb)):
        return found
    if node.parameter is not None and segment:
        found = _find(node.parameter, segments, index + 1, verb)
        if found:
            found[1][node.parameter_name] = segment
            return found
    if node.greedy is not None and (route := node.greedy.route(verb)):
        return route, {node.greedy_name: "/".join(segments[index:])}
    return None


async def route_request(exchange: Exchange) -> None:
    """Find the method for the path.

    Raises
    ------
    GatewayError
        MISSING_AUTHENTICATION_TOKEN: nothing matches, which AWS answers as if a signature
        were missing; INVALID_SIGNATURE when there is an Authorization header then.
    """
    found = exchange.known_stage.match(exchange.path, exchange.method)
    if found is not None:
        exchange.route, exchange.path_parameters = found
        return
    authorization = exchange.headers.get("authorization")
    if authorization:
        raise GatewayError(INVALID_SIGNATURE, message=_not_a_signature(authorization))
    raise GatewayError(MISSING_AUTHENTICATION_TOKEN)


def _not_a_signature(authorization: str) -> str:
    """What AWS says when it takes an Authorization header for a signature.

    Source: rest-errors-022 (captured).
    """
    token = authorization.rpartition(" ")[2]
    return (
        f"'{token}' not a valid key=value pair (missing equal-sign) "
        f"in Authorization header: '{authorization}'."
    )
