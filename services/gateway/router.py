from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.answer import Answer
from gateway.errors import MethodNotAllowedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.request import Request

    Handler = Callable[[Request], Answer]


class Router:
    """Finds the handler of a request by the route that the gateway matched and the method.

    The gateway has done the matching, so that a route here is one of its resources. An event
    that names no resource (a test event, a direct invocation) is matched by its path.

    Parameters
    ----------
    routes
        Handlers by method, by resource: `{"/items/{id}": {"GET": get_item}}`.
    allow
        `Allow` by resource, where other functions answer some of the methods or all of them.
    """

    def __init__(
        self,
        routes: Mapping[str, Mapping[str, Handler]],
        allow: Mapping[str, str] | None = None,
    ) -> None:
        self._routes = routes
        self._allow = {name: _allowed(methods) for name, methods in routes.items()}
        self._allow.update(allow or {})

    def resolve(self, request: Request) -> Request:
        """The request with its resource; a resource that is no route of ours becomes empty."""
        if not request.resource:
            return self._match(request)
        return request if request.resource in self._allow else replace(request, resource="")

    def find(self, request: Request) -> Handler:
        """The handler of a resolved request: for HEAD that of GET, for OPTIONS one for all.

        Raises
        ------
        NotFoundError
            No such route.
        MethodNotAllowedError
            The route has no such method.
        """
        allowed = self._allow.get(request.resource)
        if allowed is None:
            raise NotFoundError("There is nothing at this path.")
        if request.method == "OPTIONS":
            return lambda _: Answer(204, headers={"Allow": allowed})
        methods = self._routes.get(request.resource, {})
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise MethodNotAllowedError(request.method, allowed)
        return handler

    def _match(self, request: Request) -> Request:
        for resource in self._allow:
            parameters = _parameters(resource, request.path)
            if parameters is not None:
                return replace(request, resource=resource, path_parameters=parameters)
        return request


def _parameters(resource: str, path: str) -> dict[str, str] | None:
    """Path parameters of a path under a resource, None when it is not under it."""
    names, values = resource.split("/"), path.split("/")
    if len(names) != len(values):
        return None
    parameters: dict[str, str] = {}
    for name, value in zip(names, values, strict=True):
        if name.startswith("{") and value:
            parameters[name[1:-1]] = value
        elif name != value:
            return None
    return parameters


def _allowed(methods: Mapping[str, object]) -> str:
    named = [*methods, "OPTIONS"]
    if "GET" in methods:
        named.insert(named.index("GET") + 1, "HEAD")
    return ", ".join(named)
