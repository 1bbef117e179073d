"""What pages of other origins are told by a distribution with a response headers policy."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.http import Response
from cloudworthy.local.model.resources import ProvisionedResource
from local.cloudfront.distribution import Fixture, config, deployment


def cors_site(**changes: Any) -> Fixture:
    cors = {
        "AccessControlAllowCredentials": False,
        "AccessControlAllowHeaders": {"Items": ["Content-Type", "X-Api-Key"]},
        "AccessControlAllowMethods": {"Items": ["GET", "PUT"]},
        "AccessControlAllowOrigins": {"Items": ["https://app.example.org", "https://*.shop.test"]},
        "OriginOverride": True,
        **changes,
    }
    properties = {"ResponseHeadersPolicyConfig": {"CorsConfig": cors}}
    kind = "AWS::CloudFront::ResponseHeadersPolicy"
    policy = ProvisionedResource("Headers", kind, "policy-1", properties)
    behavior = {
        "PathPattern": "/items*",
        "TargetOriginId": "api",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
        "ResponseHeadersPolicyId": "policy-1",
    }
    return Fixture(deployment(config(CacheBehaviors=[behavior]), policy))


def cors_headers(answer: Response) -> dict[str, str]:
    prefix = "access-control-"
    named = ((name.lower(), value) for name, value in answer.headers)
    return {name.removeprefix(prefix): value for name, value in named if name.startswith(prefix)}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://app.example.org", True),
        ("https://eu.shop.test", True),
        ("http://app.example.org", False),
        ("https://appXexample.org", False),
        ("https://shop.test.evil.test", False),
        ("https://evil.test/.shop.test", False),
        (None, False),
    ],
)
async def test_only_pages_of_the_origins_listed_may_read(
    origin: str | None, *, allowed: bool
) -> None:
    site = cors_site(AccessControlExposeHeaders={"Items": ["ETag"]})
    answer = await site.get("/items", *([("Origin", origin)] if origin else []))
    assert cors_headers(answer) == (
        {"allow-origin": origin, "expose-headers": "ETag"} if allowed else {}
    )
    assert (answer.header("vary") == "Origin") is allowed


async def test_a_preflight_is_told_methods_and_headers() -> None:
    site = cors_site(AccessControlMaxAgeSec=600, AccessControlAllowCredentials=True)
    asked = (
        ("Origin", "https://app.example.org"),
        ("Access-Control-Request-Method", "PUT"),
    )
    answer = await site.get("/items", *asked, method="OPTIONS")
    assert cors_headers(answer) == {
        "allow-origin": "https://app.example.org",
        "allow-credentials": "true",
        "allow-methods": "GET, PUT",
        "allow-headers": "Content-Type, X-Api-Key",
        "max-age": "600",
    }


@pytest.mark.parametrize("override", [True, False])
async def test_what_the_origin_says_of_cors_counts_unless_overridden(*, override: bool) -> None:
    site = cors_site(AccessControlAllowOrigins={"Items": ["*"]}, OriginOverride=override)
    site.api.headers = [("access-control-allow-origin", "https://app.example.org")]
    answer = await site.get("/items", ("Origin", "https://app.example.org"))
    found = [v for n, v in answer.headers if n.lower() == "access-control-allow-origin"]
    assert found == ["*" if override else "https://app.example.org"]
    assert answer.header("vary") is None


async def test_answers_vary_by_origin_beside_what_the_origin_says() -> None:
    site = cors_site()
    site.api.headers = [("Vary", "Accept-Encoding")]
    answer = await site.get("/items", ("Origin", "https://app.example.org"))
    assert [value for name, value in answer.headers if name == "Vary"] == [
        "Accept-Encoding",
        "Origin",
    ]


async def test_the_managed_policy_with_preflight_lets_every_page_call() -> None:
    managed = "5cc3b908-e619-4b99-88e5-2cf7f45965bd"
    behavior = {
        "TargetOriginId": "files",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS"],
        "ResponseHeadersPolicyId": managed,
    }
    site = Fixture(deployment(config(DefaultCacheBehavior=behavior)))
    asked = (("Origin", "https://any.test"), ("Access-Control-Request-Method", "DELETE"))
    answer = await site.get("/", *asked, method="OPTIONS")
    assert cors_headers(answer) == {
        "allow-origin": "*",
        "allow-methods": "GET, DELETE, HEAD, OPTIONS, PATCH, POST, PUT",
        "allow-headers": "*",
        "expose-headers": "*",
    }
