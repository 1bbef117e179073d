"""Lifecycle rules: CloudFormation's words for them into the API's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.properties import as_api, flag


def lifecycle_rules(rules: list[Mapping[str, TemplateValue]]) -> list[dict[str, Any]]:
    """The rules as ``PutBucketLifecycleConfiguration`` takes them.

    Source: CloudFormation template reference, "AWS::S3::Bucket Rule", and S3 API reference,
    "LifecycleRule" (documented).
    """
    return [_rule(as_api(rule)) for rule in rules]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        made["ID"] = rule["Id"]
    expiration = _expiration(rule)
    if expiration:
        made["Expiration"] = expiration
    for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"):
        if name in rule:
            made[name] = rule[name]
    if "NoncurrentVersionExpirationInDays" in rule:
        days = int(rule["NoncurrentVersionExpirationInDays"])
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    made.update(_transitions(rule))
    return made


def _filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if rule.get("Prefix"):
        parts["Prefix"] = rule["Prefix"]
    if rule.get("TagFilters"):
        parts["Tags"] = rule["TagFilters"]
    for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan"):
        if name in rule:
            parts[name] = int(rule[name])
    if len(parts) == 1 and "Tags" not in parts:
        return parts
    return {"And": parts} if parts else {"Prefix": ""}


def _expiration(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "ExpirationInDays" in rule:
        return {"Days": rule["ExpirationInDays"]}
    if "ExpirationDate" in rule:
        return {"Date": rule["ExpirationDate"]}
    if flag(rule.get("ExpiredObjectDeleteMarker")):
        return {"ExpiredObjectDeleteMarker": True}
    return {}


def _transitions(rule: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    current = rule.get("Transitions") or ([rule["Transition"]] if "Transition" in rule else [])
    if current:
        made["Transitions"] = [_transition(it, "Days") for it in current]
    old = rule.get("NoncurrentVersionTransitions") or []
    if old:
        made["NoncurrentVersionTransitions"] = [_transition(it, "NoncurrentDays") for it in old]
    return made


def _transition(transition: Mapping[str, Any], days_name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"StorageClass": transition["StorageClass"]}
    if "TransitionInDays" in transition:
        made[days_name] = int(transition["TransitionInDays"])
    if "TransitionDate" in transition:
        made["Date"] = transition["TransitionDate"]
    return made
