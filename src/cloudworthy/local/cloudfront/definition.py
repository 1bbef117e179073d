"""What a distribution's template says, as far as one machine can honour it.

Caching, compression, price class, TLS, geographic restriction, WAF and edge logging have
no effect on one machine and are passed over, and so is ``Server-Timing``, which would tell of an
edge that is not there; code at the edge would change answers and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.cloudfront.policies import (
    Forwarding,
    ResponseHeaders,
    forwarding_of,
    response_headers_of,
)
from cloudworthy.local.model.arns import partition_of
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, TemplateValue

_TYPE = "AWS::CloudFront::Distribution"
_S3_DOMAIN = re.compile(r"(?P<bucket>.+?)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
_API_DOMAIN = re.compile(r"(?P<api_id>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True)
class BucketOrigin:
    """A bucket, read as ``reader``.

    That is CloudFront's service principal for the distribution where the origin has an access
    control that signs, the user of an origin access identity, or nobody in particular.

    ``headers`` are sent with every request, in place of the viewer's of these names.

    ``lists`` tells whether the template's bucket policy lets CloudFront list it: only then does
    S3 answer 404 for a missing key, otherwise 403, also where nothing is decided on.
    """

    bucket: str
    path: str
    lists: bool
    reader: Principal
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ApiOrigin:
    """A stage of an API Gateway API; ``path`` is ``/<stage>``."""

    api_id: str
    path: str
    domain: str
    headers: tuple[tuple[str, str], ...] = ()


Origin = BucketOrigin | ApiOrigin


@dataclass(frozen=True, slots=True)
class Behavior:
    """Which requests go where, and with what of the viewer's request."""

    pattern: re.Pattern[str]
    origin: Origin
    allowed_methods: frozenset[str]
    forwarding: Forwarding
    response_headers: ResponseHeaders


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A custom error response: what is answered in place of an origin's error."""

    path: str
    status: int


@dataclass(frozen=True, slots=True)
class Site:
    """One distribution; ``behaviors`` in order of precedence, the default one last."""

    logical_id: str
    distribution_id: str
    domain: str
    default_root_object: str
    behaviors: tuple[Behavior, ...]
    error_pages: Mapping[int, ErrorPage]


def build_sites(deployment: Deployment) -> list[Site]:
    """The distributions of a deployment.

    Raises
    ------
    UnsupportedError
        A distribution has an origin or code at the edge that cannot run here.
    """
    return [_site(deployment, resource) for resource in deployment.of_type(_TYPE)]


def _site(deployment: Deployment, resource: ProvisionedResource) -> Site:
    config = resource.properties["DistributionConfig"]
    origins = {o["Id"]: _origin(deployment, resource, o) for o in config.get("Origins", [])}
    behaviors = [
        _behavior(deployment, resource, origins, b) for b in config.get("CacheBehaviors") or []
    ]
    default = {"PathPattern": "*", **config["DefaultCacheBehavior"]}
    behaviors.append(_behavior(deployment, resource, origins, default))
    return Site(
        resource.logical_id,
        resource.physical_id,
        str(resource.attributes.get("DomainName", "")),
        config.get("DefaultRootObject", ""),
        tuple(behaviors),
        {int(e["ErrorCode"]): _error_page(e) for e in config.get("CustomErrorResponses") or []},
    )


def _error_page(entry: Mapping[str, TemplateValue]) -> ErrorPage:
    code = int(entry["ErrorCode"])
    return ErrorPage(entry.get("ResponsePagePath", ""), int(entry.get("ResponseCode", code)))


def _origin(
    deployment: Deployment, distribution: ProvisionedResource, origin: Mapping[str, TemplateValue]
) -> Origin:
    domain, path = origin["DomainName"], origin.get("OriginPath", "")
    headers = tuple(
        (str(each["HeaderName"]), str(each["HeaderValue"]))
        for each in origin.get("OriginCustomHeaders") or ()
    )
    if bucket := _S3_DOMAIN.fullmatch(domain):
        name = bucket["bucket"]
        lists = _cloudfront_may_list(deployment, name)
        reader = _reader(deployment, distribution, origin)
        return BucketOrigin(name, path, lists, reader, headers)
    if api := _API_DOMAIN.fullmatch(domain):
        return ApiOrigin(api["api_id"], path, domain, headers)
    raise UnsupportedError(
        f"{_TYPE}.DistributionConfig.Origins[{origin['Id']}].DomainName",
        distribution.logical_id,
        found=repr(domain),
        supported="a bucket or an API Gateway API of this stack",
    )


def _reader(
    deployment: Deployment, distribution: ProvisionedResource, origin: Mapping[str, TemplateValue]
) -> Principal:
    """Who CloudFront comes as.

    Source: Amazon CloudFront developer guide, "Restrict access to an Amazon S3 origin"
    (documented).
    """
    identity = (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity")
    if identity:
        user = f"CloudFront Origin Access Identity {str(identity).rpartition('/')[2]}"
        partition = partition_of(deployment.stack.region)
        return Principal(f"arn:{partition}:iam::cloudfront:user/{user}", "cloudfront")
    if not _signs(deployment, str(origin.get("OriginAccessControlId") or "")):
        return Principal("", "")
    partition, account = partition_of(deployment.stack.region), deployment.stack.account
    arn = f"arn:{partition}:cloudfront::{account}:distribution/{distribution.physical_id}"
    return Principal("cloudfront.amazonaws.com", "", source_arn=arn)


def _signs(deployment: Deployment, access_control_id: str) -> bool:
    """Whether an origin access control signs; one of elsewhere is taken to."""
    for control in deployment.of_type("AWS::CloudFront::OriginAccessControl"):
        if control.physical_id == access_control_id:
            config = control.properties["OriginAccessControlConfig"]
            return bool(config.get("SigningBehavior") != "never")
    return access_control_id != ""


def _cloudfront_may_list(deployment: Deployment, bucket: str) -> bool:
    for policy in deployment.of_type("AWS::S3::BucketPolicy"):
        if policy.properties.get("Bucket") != bucket:
            continue
        for statement in policy.properties["PolicyDocument"].get("Statement", []):
            principal, actions = statement.get("Principal"), statement.get("Action", [])
            service = principal.get("Service") if isinstance(principal, Mapping) else None
            actions = [actions] if isinstance(actions, str) else actions
            if (
                statement.get("Effect") == "Allow"
                and service == "cloudfront.amazonaws.com"
                and "s3:ListBucket" in actions
            ):
                return True
    return False


def _behavior(
    deployment: Deployment,
    distribution: ProvisionedResource,
    origins: Mapping[str, Origin],
    behavior: Mapping[str, TemplateValue],
) -> Behavior:
    where = f"{_TYPE}.DistributionConfig.CacheBehaviors[{behavior['PathPattern']}]"
    for code_at_the_edge in ("FunctionAssociations", "LambdaFunctionAssociations"):
        if behavior.get(code_at_the_edge):
            raise UnsupportedError(
                f"{where}.{code_at_the_edge}",
                distribution.logical_id,
                found="code at the edge",
                supported="behaviours without it",
            )
    target = behavior["TargetOriginId"]
    if target not in origins:
        raise TemplateError(
            f"{where}.TargetOriginId",
            distribution.logical_id,
            found=repr(target),
            expected=f"one of {', '.join(sorted(origins))}",
            action="Name an origin of this distribution",
        )
    return Behavior(
        path_pattern(behavior["PathPattern"]),
        origins[target],
        frozenset(behavior.get("AllowedMethods") or ("GET", "HEAD")),
        forwarding_of(deployment, distribution.logical_id, behavior),
        response_headers_of(deployment, distribution.logical_id, behavior),
    )


def path_pattern(pattern: str) -> re.Pattern[str]:
    """A path pattern as an expression: ``*`` is any characters, ``?`` exactly one.

    The leading slash may be left out; case counts.

    Source: Amazon CloudFront developer guide, "Path pattern" (documented).
    """
    escaped = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern.lstrip("/"))
    return re.compile("/?" + escaped, re.DOTALL)
