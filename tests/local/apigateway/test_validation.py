from __future__ import annotations

import pytest

from cloudworthy.local.apigateway.definition import RequestValidation
from local.apigateway.serving import proxy_method, rest_api, serving

MODEL = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
BODY = RequestValidation(validates_body=True, body_models={"application/json": MODEL})


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"name": "x"}', 200),
        ("application/json; charset=utf-8", b'{"name": 5}', 400),
        ("application/json", b"not json", 400),
        ("application/json", b"", 400),
        (None, b"{}", 400),
        ("text/plain", b"not json", 200),
    ],
)
async def test_bodies(content_type: str | None, body: bytes, status: int) -> None:
    api = rest_api("/x", methods=(proxy_method(validation=BODY),))
    headers = [("Content-Type", content_type)] if content_type else []
    async with serving(api) as served:
        response = await served.send("POST", "/stage/x", headers, body)
    assert response.status == status


async def test_parameters_of_all_three_places() -> None:
    required = (("header", "X-H"), ("path", "id"), ("querystring", "q"))
    method = proxy_method(validation=RequestValidation(required))
    async with serving(rest_api("/{id}", methods=(method,))) as served:
        complete = await served.get("/stage/7?q=1", ("x-h", "1"))
        nothing = await served.get("/stage/7")
    assert complete.status == 200
    assert nothing.body == b'{"message": "Missing required request parameters: [X-H, q]"}'
