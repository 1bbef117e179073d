from __future__ import annotations

import json

from local.apigateway.serving import Served, rest_api, serving


async def test_a_request_reaches_the_function_and_its_answer_the_client() -> None:
    def greet(event: dict[str, object]) -> dict[str, object]:
        return {"statusCode": 201, "headers": {"X-Made": "yes"}, "body": json.dumps(event["path"])}

    async with serving(rest_api("/items/{id}"), greet) as served:
        response = await served.get("/stage/items/7?x=1")

    assert (response.status, response.body) == (201, b'"/items/7"')
    assert response.header("x-made") == "yes"
    assert served.functions.event["pathParameters"] == {"id": "7"}


async def test_an_unknown_stage_is_forbidden() -> None:
    async with serving(rest_api("/items")) as served:
        response = await served.get("/other/items")

    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')


async def test_a_definition_is_swapped_between_requests() -> None:
    async with serving(rest_api("/old")) as served:
        before = await served.get("/stage/old")
        served.gateway.update([rest_api("/new")])
        after = [(await served.get(path)).status for path in ("/stage/old", "/stage/new")]

    assert before.status == 200
    assert after == [403, 200]


async def test_a_removed_api_is_forbidden() -> None:
    async with serving(rest_api("/items")) as served:
        served.gateway.update([])
        assert (await served.get("/stage/items")).status == 403


def _names(served: Served) -> list[str]:
    return [record.resource_path for record in served.observer.records]


async def test_the_observer_hears_of_every_request() -> None:
    async with serving(rest_api("/items")) as served:
        await served.get("/stage/items")
        await served.get("/stage/nowhere")

    assert _names(served) == ["/items", ""]
    assert [record.status for record in served.observer.records] == [200, 403]
