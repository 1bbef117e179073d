"""A distribution in front of a bucket and an API that keep what reached them."""

from __future__ import annotations

from typing import Any

from cloudworthy.local.cloudfront.definition import build_sites
from cloudworthy.local.cloudfront.edge import Edge
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack

_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


class Bucket:
    """A bucket of objects, answering as S3 answers GetObject and HeadObject."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.requests: list[Request] = []
        self.readers: list[Principal] = []

    async def read(self, request: Request, reader: Principal) -> Response:
        self.requests.append(request)
        self.readers.append(reader)
        if request.path not in self.objects:
            return Response(404, [("Content-Type", "application/xml")], b"<Error/>")
        headers = [("Content-Type", "text/html"), ("ETag", '"e"'), ("x-amz-id-2", "internal")]
        return Response(200, headers, self.objects[request.path])


class Api:
    """An API that keeps what reached it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.headers: list[tuple[str, str]] = []

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, [("Content-Type", "application/json"), *self.headers], b"{}")


def deployment(config: dict[str, Any], *policies: ProvisionedResource) -> Deployment:
    distribution = ProvisionedResource(
        "Site",
        "AWS::CloudFront::Distribution",
        "E123",
        {"DistributionConfig": config},
        {"DomainName": "d123.cloudfront.net"},
    )
    resources = {r.logical_id: r for r in (distribution, *policies)}
    stack = Stack("web", "000000000000", "us-east-1", {}, {})
    return Deployment(stack, resources, {})


def config(**changes: Any) -> dict[str, Any]:
    return {
        "DefaultRootObject": "index.html",
        "Origins": [
            {"Id": "files", "DomainName": "site.s3.us-east-1.amazonaws.com"},
            {
                "Id": "api",
                "DomainName": "abc123.execute-api.us-east-1.amazonaws.com",
                "OriginPath": "/prod",
            },
        ],
        "DefaultCacheBehavior": {"TargetOriginId": "files"},
        "CacheBehaviors": [
            {
                "PathPattern": "/items*",
                "TargetOriginId": "api",
                "CachePolicyId": _CACHING_DISABLED,
                "OriginRequestPolicyId": _ALL_VIEWER_EXCEPT_HOST,
                "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
            }
        ],
        **changes,
    }


def bucket_policy(*statements: dict[str, Any]) -> ProvisionedResource:
    statement = [{**s, "Principal": {"Service": "cloudfront.amazonaws.com"}} for s in statements]
    properties = {"Bucket": "site", "PolicyDocument": {"Statement": statement}}
    return ProvisionedResource("Policy", "AWS::S3::BucketPolicy", "site", properties)


class Fixture:
    def __init__(self, deployed: Deployment, objects: dict[str, bytes] | None = None) -> None:
        self.bucket = Bucket(objects or {"/site/index.html": b"<p>home"})
        self.api = Api()
        (site,) = build_sites(deployed)
        self.edge = Edge(site, self.bucket.read, self._handler_of)

    def _handler_of(self, api_id: str) -> Handler | None:
        return self.api.handle if api_id == "abc123" else None

    async def get(self, target: str, *headers: tuple[str, str], method: str = "GET") -> Response:
        return await self.edge.handle(Request(method, target, list(headers)))
