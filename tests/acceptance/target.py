"""A stack under test, deployed or local: its outputs, and how it is called.

What a test knows of the stack it learns as a client of AWS would: CloudFormation tells the
outputs, API Gateway the value of the API key, Secrets Manager the token.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import urllib3

URL_OUTPUTS = ("ApiEndpoint", "APIGatewayURL")
Answer = urllib3.BaseHTTPResponse


class Target:
    """One stack.

    Parameters
    ----------
    client
        Makes a boto3 client of a service.
    """

    def __init__(self, stack_name: str, client: Callable[[str], Any]) -> None:
        self.client = cache(client)
        self._stack_name = stack_name
        described = self.client("cloudformation").describe_stacks(StackName=stack_name)
        outputs = described["Stacks"][0]["Outputs"]
        self.outputs: dict[str, str] = {o["OutputKey"]: o["OutputValue"] for o in outputs}
        self._http = urllib3.PoolManager(maxsize=16, retries=False, timeout=35)
        self.credential: dict[str, str] = self._credential()

    @property
    def url(self) -> str:
        """Address of the API, without the slash at its end."""
        return next(self.outputs[o] for o in URL_OUTPUTS if o in self.outputs).rstrip("/")

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        authorized: bool = True,
        base: str | None = None,
    ) -> Answer:
        """Call the API; a body that is not bytes is sent as JSON."""
        sent = {**(self.credential if authorized else {}), **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        return self._http.request(method, (base or self.url) + path, body=body, headers=sent)

    def pages(self, path: str, members: str, token: str, parameter: str) -> Iterator[list[Any]]:
        """Every page of a list: what is in member ``members``, following ``token``."""
        following = path
        while True:
            answer = self.request("GET", following)
            assert answer.status == 200, answer.data
            page = answer.json()
            yield page[members]
            if token not in page:
                return
            following = f"{path}&{parameter}={page[token]}"

    def rows(self) -> int:
        """How many items the table holds."""
        name = self.outputs.get("TableName") or self.outputs["DynamoDBTableName"]
        scan = self.client("dynamodb").get_paginator("scan")
        return sum(page["Count"] for page in scan.paginate(TableName=name, Select="COUNT"))

    def _credential(self) -> dict[str, str]:
        """What the system's default authorization asks for."""
        if "SecretArn" in self.outputs:
            secrets = self.client("secretsmanager")
            value = secrets.get_secret_value(SecretId=self.outputs["SecretArn"])["SecretString"]
            return {"authorization": f"Bearer {json.loads(value)['token']}"}
        key = self.client("apigateway").get_api_key(apiKey=self._key_id(), includeValue=True)
        return {"x-api-key": key["value"]}

    def physical_ids(self, resource_type: str) -> list[str]:
        """Of the stack's resources of one type."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return [
            str(resource["PhysicalResourceId"])
            for page in pages.paginate(StackName=self._stack_name)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == resource_type
        ]

    def _key_id(self) -> str:
        if "APIKeyId" in self.outputs:
            return self.outputs["APIKeyId"]
        return self.physical_ids("AWS::ApiGateway::ApiKey")[0]


def assert_error(answer: Answer, status: int) -> dict[str, Any]:
    """An error in the form that all systems share; returns its ``error`` member."""
    assert answer.status == status, answer.data
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"]
    assert error["message"]
    assert error["request_id"]
    assert "Traceback" not in answer.data.decode()
    return error


def assert_refused(target: Target, path: str, body: bytes) -> None:
    """A body is answered 400, and nothing is written."""
    before = target.rows()
    assert_error(target.request("POST", path, body, headers=JSON), 400)
    assert target.rows() == before


def assert_requests_of_another_kind_are_refused(
    target: Target, path: str, large: Mapping[str, Any], wrong: str = "PATCH"
) -> None:
    """Another content type, a method that the path of a collection has not, and a large body."""
    plain = {"content-type": "text/plain"}
    assert_error(target.request("POST", path, b"{}", headers=plain), 415)
    assert_allows(target, wrong, path, {"GET", "POST"})
    body = json.dumps(large).encode()
    assert_error(target.request("POST", path, body, headers=JSON), 413)


def assert_allows(target: Target, wrong: str, path: str, methods: set[str]) -> None:
    """A method that the path has not is answered with those that it has."""
    answer = target.request(wrong, path)
    assert_error(answer, 405)
    assert {each.strip() for each in answer.headers["allow"].split(",")} >= methods


def assert_created_once(target: Target, path: str, body: Any) -> None:
    """The same ``Idempotency-Key`` twice: one item, and the same answer."""
    headers = {"idempotency-key": uuid.uuid4().hex}
    first, again = (target.request("POST", path, body, headers=headers) for _ in range(2))
    assert (first.status, again.status) == (201, 201), (first.data, again.data)
    assert first.json() == again.json()


def assert_second_update_loses(target: Target, collection: str, item_id: str) -> None:
    """Two updates of one version of an item: the second is told so, and changes nothing."""
    path = f"{collection}/{item_id}"
    match = {"if-match": target.request("GET", path).headers["etag"]}
    assert target.request("PUT", path, {"name": "A"}, headers=match).status == 200
    assert_error(target.request("PUT", path, {"name": "B"}, headers=match), 412)
    assert target.request("GET", path).json()["name"] == "A"


NO_JSON_OBJECTS = [b"", b"null", b"[]", b"3", b'"text"', b"{", b"\xff\xfe", b'{"name": NaN}']
"""Bodies that no route with a JSON object takes."""
BAD_LIMITS = ["0", "101", "-1", "x", "1.5", ""]
NUMBERS = [0, 3, -1, 2**53 + 1, 10**37, 0.1, 1e-7, 1.5, -2.25, 1.7976931348623157e100]
BEYOND_DYNAMODB = b"123456789012345678901234567890123456789"
"""A number of 39 digits."""
JSON = {"content-type": "application/json"}


def assert_same_number(sent: float, body: bytes, back: float) -> None:
    """A number came back as it was sent: integers exactly, and written as integers."""
    assert back == sent
    assert type(back) is type(sent)
    if isinstance(sent, int):
        assert str(sent).encode() in body
