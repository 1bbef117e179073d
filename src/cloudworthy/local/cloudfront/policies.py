"""Origin request, cache and response headers policies: what passes CloudFront, and what it adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cloudworthy.local.cloudfront.cors import (
    EVERY_PAGE,
    EVERY_PAGE_WITH_PREFLIGHT,
    Cors,
    cors_of,
)
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.resources import Deployment, TemplateValue

_PolicyT = TypeVar("_PolicyT")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which names pass: all of them, or those listed, or all but those listed."""

    names: frozenset[str] = frozenset()
    inverted: bool = False

    def __contains__(self, name: str) -> bool:
        return (name.lower() in self.names) is not self.inverted

    def __or__(self, other: Selection) -> Selection:
        if self.inverted and other.inverted:
            return Selection(self.names & other.names, inverted=True)
        if self.inverted:
            return Selection(self.names - other.names, inverted=True)
        if other.inverted:
            return other | self
        return Selection(self.names | other.names)


ALL = Selection(inverted=True)
NONE = Selection()


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What of the viewer's request the origin sees."""

    headers: Selection = NONE
    query: Selection = NONE
    cookies: Selection = NONE

    def __or__(self, other: Forwarding) -> Forwarding:
        return Forwarding(
            self.headers | other.headers, self.query | other.query, self.cookies | other.cookies
        )


@dataclass(frozen=True, slots=True)
class ResponseHeaders:
    """Headers set on every answer; those in ``override`` replace the origin's."""

    values: tuple[tuple[str, str], ...] = ()
    override: frozenset[str] = frozenset()
    remove: frozenset[str] = field(default=frozenset())
    cors: Cors | None = None


_CORS_S3 = Selection(
    frozenset({"origin", "access-control-request-headers", "access-control-request-method"})
)

# Source: Amazon CloudFront developer guide, "Use managed origin request policies" (documented).
_MANAGED_ORIGIN_REQUEST_POLICIES = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": Forwarding(ALL, ALL, ALL),  # AllViewer
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": Forwarding(  # AllViewerExceptHostHeader
        Selection(frozenset({"host"}), inverted=True), ALL, ALL
    ),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": Forwarding(headers=_CORS_S3),  # CORS-S3Origin
    "59781a5b-3903-41f3-afcb-af62929ccde1": Forwarding(  # CORS-CustomOrigin
        headers=Selection(frozenset({"origin"}))
    ),
}

# Source: Amazon CloudFront developer guide, "Use managed cache policies" (documented).
_MANAGED_CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": Forwarding(),  # CachingOptimized
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": Forwarding(),  # CachingOptimizedForUncompressedObjects
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": Forwarding(),  # CachingDisabled
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": Forwarding(  # UseOriginCacheControlHeaders
        Selection(frozenset({"host", "origin"})), NONE, ALL
    ),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": Forwarding(  # UseOriginCacheControlHeaders-QueryStrings
        Selection(frozenset({"host", "origin"})), ALL, ALL
    ),
}

_MANAGED_SECURITY_HEADERS = ResponseHeaders(
    values=(
        ("X-XSS-Protection", "1; mode=block"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Strict-Transport-Security", "max-age=31536000"),
    ),
    override=frozenset({"x-content-type-options"}),
)

# Source: Amazon CloudFront developer guide, "Use managed response headers policies" (documented).
_MANAGED_RESPONSE_HEADERS_POLICIES = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03": _MANAGED_SECURITY_HEADERS,  # SecurityHeadersPolicy
    "60669652-455b-4ae9-85a4-c4c02393f86c": ResponseHeaders(cors=EVERY_PAGE),  # SimpleCORS
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd": ResponseHeaders(  # CORS-With-Preflight
        cors=EVERY_PAGE_WITH_PREFLIGHT
    ),
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": replace(  # CORS-and-SecurityHeadersPolicy
        _MANAGED_SECURITY_HEADERS, cors=EVERY_PAGE
    ),
    # CORS-with-preflight-and-SecurityHeadersPolicy
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": replace(
        _MANAGED_SECURITY_HEADERS, cors=EVERY_PAGE_WITH_PREFLIGHT
    ),
}


def forwarding_of(
    deployment: Deployment, logical_id: str, behavior: Mapping[str, TemplateValue]
) -> Forwarding:
    """What a behaviour's cache policy and origin request policy forward together.

    A behaviour without policies may say so itself, in ``ForwardedValues``.
    """
    forwarding = _forwarded_values(logical_id, behavior.get("ForwardedValues") or {})
    if policy_id := behavior.get("CachePolicyId"):
        forwarding |= _policy(
            deployment, logical_id, "CachePolicy", policy_id, _MANAGED_CACHE_POLICIES, _cache_policy
        )
    if policy_id := behavior.get("OriginRequestPolicyId"):
        forwarding |= _policy(
            deployment,
            logical_id,
            "OriginRequestPolicy",
            policy_id,
            _MANAGED_ORIGIN_REQUEST_POLICIES,
            _origin_request_policy,
        )
    return forwarding


def _forwarded_values(logical_id: str, values: Mapping[str, TemplateValue]) -> Forwarding:
    """``QueryStringCacheKeys`` decide on what is cached only: all of the query is forwarded.

    Source: AWS CloudFormation, "AWS::CloudFront::Distribution ForwardedValues" (documented).
    """
    cookies = values.get("Cookies") or {}
    named = cookies.get("WhitelistedNames") or ()
    for name in named:
        if "*" in name or "?" in name:
            raise UnsupportedError(
                "AWS::CloudFront::Distribution.ForwardedValues.Cookies.WhitelistedNames",
                logical_id,
                found=repr(name),
                supported="names without * and ?",
            )
    by_forward = {"all": ALL, "whitelist": _named(named)}
    headers = values.get("Headers") or ()
    return Forwarding(
        ALL if "*" in headers else _named(headers),
        ALL if str(values.get("QueryString")).lower() == "true" else NONE,
        by_forward.get(cookies.get("Forward", "none"), NONE),
    )


def _named(names: Iterable[str]) -> Selection:
    return Selection(frozenset(name.lower() for name in names))


def response_headers_of(
    deployment: Deployment, logical_id: str, behavior: Mapping[str, TemplateValue]
) -> ResponseHeaders:
    """The headers a behaviour's response headers policy sets."""
    policy_id = behavior.get("ResponseHeadersPolicyId")
    if not policy_id:
        return ResponseHeaders()
    return _policy(
        deployment,
        logical_id,
        "ResponseHeadersPolicy",
        policy_id,
        _MANAGED_RESPONSE_HEADERS_POLICIES,
        _response_headers_policy,
    )


def _policy(
    deployment: Deployment,
    logical_id: str,
    kind: str,
    policy_id: str,
    managed: Mapping[str, _PolicyT],
    parse: Callable[[Mapping[str, TemplateValue]], _PolicyT],
) -> _PolicyT:
    if policy_id in managed:
        return managed[policy_id]
    resource = deployment.by_physical_id(f"AWS::CloudFront::{kind}", policy_id)
    if resource is None:
        raise TemplateError(
            f"AWS::CloudFront::Distribution.{kind}Id",
            logical_id,
            found=repr(policy_id),
            expected=f"a managed policy known here or an AWS::CloudFront::{kind} of this stack",
            action=f"Define the {kind} in the stack",
        )
    return parse(resource.properties[f"{kind}Config"])


def _selection(config: Mapping[str, TemplateValue], part: str, names_key: str) -> Selection:
    """A ``HeadersConfig``, ``QueryStringsConfig`` or ``CookiesConfig``.

    Source: AWS CloudFormation, "AWS::CloudFront::OriginRequestPolicy" (documented).
    """
    section = config.get(f"{part}sConfig") or {}
    behavior = section.get(f"{part}Behavior", "none")
    if behavior == "none":
        return NONE
    if behavior in ("all", "allViewer"):
        return ALL
    named = _named(section.get(names_key) or ())
    return replace(named, inverted=behavior == "allExcept")


def _origin_request_policy(config: Mapping[str, TemplateValue]) -> Forwarding:
    return Forwarding(
        _selection(config, "Header", "Headers"),
        _selection(config, "QueryString", "QueryStrings"),
        _selection(config, "Cookie", "Cookies"),
    )


def _cache_policy(config: Mapping[str, TemplateValue]) -> Forwarding:
    return _origin_request_policy(config["ParametersInCacheKeyAndForwardedToOrigin"])


def _response_headers_policy(config: Mapping[str, TemplateValue]) -> ResponseHeaders:
    values: list[tuple[str, str]] = []
    override: set[str] = set()
    security = config.get("SecurityHeadersConfig") or {}
    for key, (name, value_of) in _SECURITY_HEADERS.items():
        if section := security.get(key):
            values.append((name, value_of(section)))
            if section.get("Override"):
                override.add(name.lower())
    for item in (config.get("CustomHeadersConfig") or {}).get("Items", []):
        values.append((item["Header"], item["Value"]))
        if item.get("Override"):
            override.add(item["Header"].lower())
    removed = (config.get("RemoveHeadersConfig") or {}).get("Items", [])
    cors = config.get("CorsConfig")
    return ResponseHeaders(
        tuple(values),
        frozenset(override),
        frozenset(item["Header"].lower() for item in removed),
        cors_of(cors) if cors else None,
    )


def _strict_transport_security(section: Mapping[str, TemplateValue]) -> str:
    value = f"max-age={section['AccessControlMaxAgeSec']}"
    if section.get("IncludeSubdomains"):
        value += "; includeSubDomains"
    return value + ("; preload" if section.get("Preload") else "")


def _xss_protection(section: Mapping[str, TemplateValue]) -> str:
    if not section.get("Protection"):
        return "0"
    value = "1; mode=block" if section.get("ModeBlock") else "1"
    report = section.get("ReportUri")
    return f"{value}; report={report}" if report else value


# Source: AWS CloudFormation, "ResponseHeadersPolicy SecurityHeadersConfig" (documented).
_SECURITY_HEADERS: Mapping[str, tuple[str, Callable[[Mapping[str, TemplateValue]], str]]] = {
    "ContentSecurityPolicy": ("Content-Security-Policy", lambda s: s["ContentSecurityPolicy"]),
    "ContentTypeOptions": ("X-Content-Type-Options", lambda _: "nosniff"),
    "FrameOptions": ("X-Frame-Options", lambda s: s["FrameOption"]),
    "ReferrerPolicy": ("Referrer-Policy", lambda s: s["ReferrerPolicy"]),
    "StrictTransportSecurity": ("Strict-Transport-Security", _strict_transport_security),
    "XSSProtection": ("X-XSS-Protection", _xss_protection),
}
