"""Which actions on which resources a request needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from cloudworthy.local.endpoint.authorization.context import global_keys
from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.lookup import ResourceLookup
from cloudworthy.local.endpoint.authorization.members import Members
from cloudworthy.local.endpoint.authorization.readings import Surroundings
from cloudworthy.local.endpoint.authorization.resources import ANY, has, resources_of
from cloudworthy.local.endpoint.authorization.service_keys import (
    kms_caller_keys,
    service_keys,
)
from cloudworthy.local.endpoint.authorization.tables import (
    Rule,
    ServiceTable,
    rules_of,
    table_of,
)
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.endpoint.s3_host import in_path_style, is_known_host
from cloudworthy.local.iam.request import AuthorizationRequest, ContextValue
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal

_BUCKET = re.compile(r"[A-Za-z0-9._-]+")
_CBOR_PREFIX = "/service/"
_DECIDING = frozenset(
    {
        "content-type",
        "host",
        "smithy-protocol",
        "x-amz-copy-source",
        "x-amz-rename-source",
        "x-amz-target",
    }
)


async def authorization_of(
    request: Request,
    operation: Operation,
    principal: Principal,
    *,
    account: str,
    region: str,
    lookup: ResourceLookup,
    now: datetime,
    caller_keys: Mapping[str, ContextValue] | None = None,
    via: str = "",
) -> list[AuthorizationRequest]:
    """What has to be allowed, all of it, before a request is carried out.

    The operation is as ``classify`` names it; account and region are those of resources named
    without them; ``caller_keys`` are condition keys known of the caller, e.g. ``aws:SourceArn``
    of a service; ``via`` is the service that calls KMS in the caller's name. An empty list is an
    operation that AWS asks no policy for, e.g. ``sts:GetCallerIdentity``.

    Raises
    ------
    UnclassifiedRequestError
        It cannot be told what the request needs.
    """
    table = table_of(operation.service)
    rules = rules_of(operation.service, operation.name)
    if table is None or rules is None:
        raise UnclassifiedRequestError(
            f"{operation.service or 'no service'} has no operation {operation.name[:100]!r} "
            "whose IAM actions are known"
        )
    _check_target(request, table)
    if not rules:
        return []
    if operation.service == "s3":
        if not is_known_host(request):
            raise UnclassifiedRequestError("its host may name a bucket, or none")
        request = in_path_style(request)
    match = table.routes.match(request)
    if operation.service == "s3" and match is not None:
        _check_bucket(match.labels.get("Bucket", "bucket"))
    members = Members(request, operation, match.labels if match is not None else {})
    if operation.protocol is Protocol.QUERY and members.text("Action") != operation.name:
        raise UnclassifiedRequestError("it names no action, or more than one")
    around = Surroundings(account, region, unquote(request.path), lookup)
    needed = await _needed(rules, members, around)
    keys = global_keys(request, principal, account=account, region=region, now=now, via=via)
    keys |= await service_keys(operation, members, around, needed)
    if operation.service == "kms":
        keys |= kms_caller_keys(operation.name, principal, via=via, region=region)
    keys |= caller_keys or {}
    return [
        AuthorizationRequest(principal, action, resources, keys) for action, resources in needed
    ]


async def _needed(
    rules: tuple[Rule, ...], members: Members, around: Surroundings
) -> list[tuple[str, tuple[str, ...]]]:
    """Actions with their resources.

    What names its resource nowhere needs its action on everything: that grants nothing to
    whoever may use one resource only. A rule about the elements of a list is left out when no
    element is of its kind, unless nothing would be left.
    """
    found: dict[str, list[str]] = {}
    unnamed = [rule for rule in rules if not rule.unless]
    for rule in rules:
        if rule.when and not await has(rule.when, members, around):
            continue
        if rule.unless and await has(rule.unless, members, around):
            continue
        resources = await resources_of(rule.resources, members, around)
        if resources is None:
            if _is_of_elements(rule):
                continue
            resources = [ANY]
        known = found.setdefault(rule.action, [])
        known.extend(arn for arn in resources if arn not in known)
    if not found:
        found = {rule.action: [ANY] for rule in unnamed or rules}
    return [(action, tuple(resources)) for action, resources in found.items()]


def _is_of_elements(rule: Rule) -> bool:
    return any("[]" in text or "!partiql" in text for text in rule.resources)


def _check_bucket(name: str) -> None:
    """Refuse what is a bucket to one reader and a bucket with a key to the next: ``a%2Fb``."""
    if not _BUCKET.fullmatch(name):
        raise UnclassifiedRequestError("its bucket has a name that none can have")


def _check_target(request: Request, table: ServiceTable) -> None:
    """Refuse what one reader would take for another operation than the next one."""
    found: dict[str, str] = {}
    for name, value in request.headers:
        lower = name.lower()
        if lower in _DECIDING and found.setdefault(lower, value) != value:
            raise UnclassifiedRequestError(f"it has several headers {name}")
    target = found.get("x-amz-target")
    if target is not None and target.rpartition(".")[0] not in table.targets:
        raise UnclassifiedRequestError("its header X-Amz-Target is not one of the service")
    if target is None and "smithy-protocol" in found:
        service = request.path.removeprefix(_CBOR_PREFIX).partition("/")[0]
        if service not in table.targets:
            raise UnclassifiedRequestError("its path does not name the service it is signed for")
