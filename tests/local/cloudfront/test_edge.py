"""A distribution in front of a bucket and an API, as a viewer sees it."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.cloudfront.definition import build_sites, path_pattern
from cloudworthy.local.cloudfront.edge import Edge
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack

_OAC_READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}
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

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, [("Content-Type", "application/json")], b"{}")


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


async def test_the_root_is_the_default_root_object() -> None:
    site = Fixture(deployment(config()))
    answer = await site.get("/")
    assert (answer.status, answer.body) == (200, b"<p>home")
    assert answer.header("x-cache") == "Miss from cloudfront"
    assert answer.header("x-amz-id-2") is None


async def test_the_api_gets_the_stage_path_its_own_host_and_the_viewers_headers() -> None:
    site = Fixture(deployment(config()))
    await site.get("/items/a%2Fb?x=1&x=2", ("Host", "localhost"), ("X-Api-Key", "k"), ("Te", "x"))
    (request,) = site.api.requests
    assert request.target == "/prod/items/a%2Fb?x=1&x=2"
    assert request.header("host") == "abc123.execute-api.us-east-1.amazonaws.com"
    assert request.header("x-api-key") == "k"
    assert request.header("te") is None
    assert request.header("x-forwarded-for") == "127.0.0.1"


async def test_without_a_policy_no_query_and_no_header_reaches_the_origin() -> None:
    behavior = {"PathPattern": "/items*", "TargetOriginId": "api"}
    site = Fixture(deployment(config(CacheBehaviors=[behavior])))
    await site.get("/items?a=1", ("X-Api-Key", "k"), ("Cookie", "c=1"), ("User-Agent", "curl"))
    (request,) = site.api.requests
    assert request.target == "/prod/items"
    assert request.header("x-api-key") is None
    assert request.header("cookie") is None
    assert request.header("user-agent") == "Amazon CloudFront"


async def test_a_method_outside_of_the_allowed_ones_is_refused_before_the_origin() -> None:
    site = Fixture(deployment(config()))
    answer = await site.get("/index.html", method="POST")
    assert answer.status == 403
    assert site.bucket.requests == []


@pytest.mark.parametrize(("actions", "status"), [([], 403), (["s3:ListBucket"], 404)])
async def test_a_missing_object_is_denied_unless_cloudfront_may_list(
    actions: list[str], status: int
) -> None:
    statements = [_OAC_READ, *({"Effect": "Allow", "Action": a} for a in actions)]
    site = Fixture(deployment(config(), bucket_policy(*statements)))
    assert (await site.get("/nothing.html")).status == status


async def test_a_custom_error_response_shows_its_page_with_its_code() -> None:
    pages = [{"ErrorCode": 403, "ResponsePagePath": "/404.html", "ResponseCode": 404}]
    objects = {"/site/404.html": b"<p>not here"}
    site = Fixture(deployment(config(CustomErrorResponses=pages)), objects)
    answer = await site.get("/nothing.html")
    assert (answer.status, answer.body) == (404, b"<p>not here")


async def test_a_response_headers_policy_sets_and_overrides() -> None:
    policy = ProvisionedResource(
        "Headers",
        "AWS::CloudFront::ResponseHeadersPolicy",
        "policy-1",
        {
            "ResponseHeadersPolicyConfig": {
                "SecurityHeadersConfig": {
                    "ContentSecurityPolicy": {
                        "ContentSecurityPolicy": "default-src 'self'",
                        "Override": True,
                    },
                    "StrictTransportSecurity": {
                        "AccessControlMaxAgeSec": 60,
                        "IncludeSubdomains": True,
                        "Override": True,
                    },
                },
                "CustomHeadersConfig": {
                    "Items": [{"Header": "Content-Type", "Value": "x/y", "Override": False}]
                },
                "RemoveHeadersConfig": {"Items": [{"Header": "ETag"}]},
            }
        },
    )
    behavior = {"TargetOriginId": "files", "ResponseHeadersPolicyId": "policy-1"}
    site = Fixture(deployment(config(DefaultCacheBehavior=behavior), policy))
    answer = await site.get("/")
    assert answer.header("content-security-policy") == "default-src 'self'"
    assert answer.header("strict-transport-security") == "max-age=60; includeSubDomains"
    assert answer.header("content-type") == "text/html"
    assert answer.header("etag") is None


def test_code_at_the_edge_is_refused_by_name() -> None:
    behavior = {"TargetOriginId": "files", "FunctionAssociations": [{"EventType": "x"}]}
    with pytest.raises(UnsupportedError, match=r"FunctionAssociations \(Site\)"):
        build_sites(deployment(config(DefaultCacheBehavior=behavior)))


def test_an_origin_outside_of_aws_is_refused_by_name() -> None:
    origins = [{"Id": "files", "DomainName": "example.org"}]
    with pytest.raises(UnsupportedError, match=r"Origins\[files\].DomainName \(Site\)"):
        build_sites(deployment(config(Origins=origins, CacheBehaviors=[])))


def test_an_unknown_policy_is_refused_by_name() -> None:
    behavior = {"TargetOriginId": "files", "CachePolicyId": "nope"}
    with pytest.raises(TemplateError, match=r"CachePolicyId \(Site\): found 'nope'"):
        build_sites(deployment(config(DefaultCacheBehavior=behavior)))


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "/anything/at.all", True),
        ("/items", "/items", True),
        ("/items", "/items/1", False),
        ("items/*", "/items/1/2", True),
        ("/a?c", "/abc", True),
        ("/a?c", "/ac", False),
        ("/a.c", "/abc", False),
        ("/Items", "/items", False),
    ],
)
def test_path_patterns(pattern: str, path: str, *, matches: bool) -> None:
    assert bool(path_pattern(pattern).fullmatch(path)) is matches


CONTROL = ProvisionedResource(
    "Control",
    "AWS::CloudFront::OriginAccessControl",
    "EOAC",
    {"OriginAccessControlConfig": {"SigningBehavior": "always"}},
)
CLOUDFRONT = Principal(
    "cloudfront.amazonaws.com",
    "",
    source_arn="arn:aws:cloudfront::000000000000:distribution/E123",
)
IDENTITY = "origin-access-identity/cloudfront/E1"
NEVER = ProvisionedResource(
    "Control",
    "AWS::CloudFront::OriginAccessControl",
    "EOAC",
    {"OriginAccessControlConfig": {"SigningBehavior": "never"}},
)


@pytest.mark.parametrize(
    ("origin", "control", "reader"),
    [
        ({"OriginAccessControlId": "EOAC"}, CONTROL, CLOUDFRONT),
        ({"OriginAccessControlId": "EOAC"}, NEVER, Principal("", "")),
        ({}, CONTROL, Principal("", "")),
        (
            {"S3OriginConfig": {"OriginAccessIdentity": IDENTITY}},
            CONTROL,
            Principal(
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", "cloudfront"
            ),
        ),
    ],
    ids=["signed", "never signed", "unsigned", "identity"],
)
async def test_a_bucket_is_read_as_the_origin_says(
    origin: dict[str, Any], control: ProvisionedResource, reader: Principal
) -> None:
    changed = config()
    changed["Origins"][0] |= origin
    site = Fixture(deployment(changed, control))
    await site.get("/")
    assert site.bucket.readers == [reader]
