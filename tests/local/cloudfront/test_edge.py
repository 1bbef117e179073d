"""A distribution in front of a bucket and an API, as a viewer sees it."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.cloudfront.definition import build_sites, path_pattern
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource
from local.cloudfront.distribution import Fixture, bucket_policy, config, deployment

_OAC_READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}


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


def forwarded(values: dict[str, Any]) -> Deployment:
    behavior = {"PathPattern": "/items*", "TargetOriginId": "api", "ForwardedValues": values}
    return deployment(config(CacheBehaviors=[behavior]))


@pytest.mark.parametrize(
    ("values", "query", "cookies", "key"),
    [
        ({"QueryString": False}, "", None, None),
        ({"QueryString": "true"}, "a=1&b=2", None, None),
        ({"QueryString": True, "QueryStringCacheKeys": ["a"]}, "a=1&b=2", None, None),
        ({"QueryString": False, "Cookies": {"Forward": "all"}}, "", "c=1; d=2", None),
        (
            {
                "QueryString": False,
                "Cookies": {"Forward": "whitelist", "WhitelistedNames": ["d"]},
                "Headers": ["X-Api-Key"],
            },
            "",
            "d=2",
            "k",
        ),
        ({"QueryString": False, "Cookies": {"Forward": "none"}, "Headers": ["*"]}, "", None, "k"),
    ],
)
async def test_forwarded_values_say_what_the_origin_sees(
    values: dict[str, Any], query: str, cookies: str | None, key: str | None
) -> None:
    site = Fixture(forwarded(values))
    await site.get("/items?a=1&b=2", ("X-Api-Key", "k"), ("Cookie", "c=1; d=2"))
    (request,) = site.api.requests
    assert request.query == query
    assert request.header("cookie") == cookies
    assert request.header("x-api-key") == key


def test_a_pattern_of_cookies_is_refused_by_name() -> None:
    cookies = {"Forward": "whitelist", "WhitelistedNames": ["session_*"]}
    with pytest.raises(UnsupportedError, match=r"WhitelistedNames \(Site\): found 'session_\*'"):
        build_sites(forwarded({"QueryString": False, "Cookies": cookies}))


async def test_headers_of_an_origin_are_sent_in_place_of_the_viewers() -> None:
    changed = config()
    for origin in changed["Origins"]:
        origin["OriginCustomHeaders"] = [{"HeaderName": "X-From-Edge", "HeaderValue": "secret"}]
    site = Fixture(deployment(changed))
    await site.get("/", ("X-From-Edge", "forged"))
    await site.get("/items", ("x-from-edge", "forged"))
    for request in (*site.bucket.requests, *site.api.requests):
        sent = [value for name, value in request.headers if name.lower() == "x-from-edge"]
        assert sent == ["secret"]
