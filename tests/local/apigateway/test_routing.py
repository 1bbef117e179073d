from __future__ import annotations

import pytest

from cloudworthy.local.apigateway.compilation import compile_api
from local.apigateway.serving import rest_api

PATHS = (
    "/",
    "/items",
    "/items/{id}",
    "/items/{id}/parts",
    "/items/special",
    "/files/{path+}",
    "/{any}/parts",
)


@pytest.mark.parametrize(
    ("path", "expected", "parameters"),
    [
        ("/", "/", {}),
        ("/items", "/items", {}),
        ("/items/", "/items", {}),
        ("/items/7", "/items/{id}", {"id": "7"}),
        ("/items/special", "/items/special", {}),
        ("/items/special/parts", "/items/{id}/parts", {"id": "special"}),
        ("/items/a%2Fb", "/items/{id}", {"id": "a%2Fb"}),
        ("/files/a/b//c", "/files/{path+}", {"path": "a/b//c"}),
        ("/files/a/", "/files/{path+}", {"path": "a"}),
        ("/other/parts", "/{any}/parts", {"any": "other"}),
        ("/items//parts", None, {}),
        ("/files", None, {}),
        ("/Items", None, {}),
        ("/items/7/unknown", None, {}),
    ],
)
def test_match(path: str, expected: str | None, parameters: dict[str, str]) -> None:
    stage = compile_api(rest_api(*PATHS)).stages["stage"]
    found = stage.match(path, "GET")
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found[0].resource.path, found[1]) == (expected, parameters)
