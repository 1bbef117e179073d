"""Tables, in the DynamoDB engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.engines import AwsClient, unless
from cloudworthy.local.provision.properties import as_api, flag
from cloudworthy.local.provision.resource_type import Made, ResourceType, Site, Wanted

_CREATED_WITH = (
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
    "TableClass",
    "Tags",
)


class TableType(ResourceType):
    """``AWS::DynamoDB::Table``.

    Making and changing a table ends in the same way: its description is compared with what
    is wanted, and what differs is changed. A run that was killed can so be repeated.

    Source of Ref, GetAtt and replacement: CloudFormation template reference,
    AWS::DynamoDB::Table (documented).
    """

    in_engine = True

    def __init__(self) -> None:
        super().__init__(
            "AWS::DynamoDB::Table",
            honoured="AttributeDefinitions BillingMode DeletionProtectionEnabled "
            "GlobalSecondaryIndexes KeySchema LocalSecondaryIndexes OnDemandThroughput "
            "ProvisionedThroughput SSESpecification StreamSpecification TableClass TableName "
            "Tags TimeToLiveSpecification",
            inert="ContributorInsightsSpecification PointInTimeRecoverySpecification "
            "WarmThroughput",
            replaced_by="KeySchema LocalSecondaryIndexes TableName",
            keeps_data="every item in the table",
        )

    def replacing(
        self, old: Mapping[str, TemplateValue], new: Mapping[str, TemplateValue]
    ) -> frozenset[str]:
        """Besides, another type of a key attribute needs another table."""
        replacing = super().replacing(old, new)
        if not replacing and _key_types(old) != _key_types(new):
            return frozenset({"AttributeDefinitions"})
        return replacing

    def check(self, wanted: Wanted) -> None:
        stream = wanted.properties.get("StreamSpecification") or {}
        if "ResourcePolicy" in stream:
            raise wanted.unsupported(
                "StreamSpecification.ResourcePolicy", "a policy on the stream", "none"
            )

    def provisional_id(self, wanted: Wanted) -> str:
        return wanted.name("TableName", longest=255)

    def create(self, wanted: Wanted) -> Made:
        client = wanted.site.engines.client("dynamodb")
        name = self.provisional_id(wanted)
        properties = wanted.properties
        request = {key: as_api(properties[key]) for key in _CREATED_WITH if key in properties}
        request["GlobalSecondaryIndexes"] = [_index(it) for it in _indexes(properties)] or None
        given = {key: value for key, value in request.items() if value is not None}
        with unless("ResourceInUseException"):
            client.create_table(TableName=name, **given)
        return self._converge(client, name, wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        client = wanted.site.engines.client("dynamodb")
        return self._converge(client, existing.physical_id, wanted)

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        client = site.engines.client("dynamodb")
        with unless("ResourceNotFoundException"):
            client.update_table(TableName=existing.physical_id, DeletionProtectionEnabled=False)
            client.delete_table(TableName=existing.physical_id)

    def _converge(self, client: AwsClient, name: str, wanted: Wanted) -> Made:
        described = client.describe_table(TableName=name)["Table"]
        for change in _changes(described, wanted.properties):
            client.update_table(TableName=name, **change)
        _converge_time_to_live(client, name, wanted.properties)
        _converge_tags(client, described["TableArn"], wanted.properties)
        described = client.describe_table(TableName=name)["Table"]
        return Made(name, _attributes(name, described, wanted.site))


def _key_types(properties: Mapping[str, TemplateValue]) -> dict[str, str]:
    types = {
        it["AttributeName"]: it["AttributeType"]
        for it in properties.get("AttributeDefinitions", ())
    }
    return {
        it["AttributeName"]: types.get(it["AttributeName"], "")
        for it in properties.get("KeySchema", ())
    }


def _attributes(name: str, described: Mapping[str, Any], site: Site) -> dict[str, TemplateValue]:
    """The engine names a region of its own in its ARNs; ours is the stack's."""
    attributes = {"Arn": site.arn("dynamodb", f"table/{name}")}
    if described.get("StreamSpecification", {}).get("StreamEnabled"):
        label = described["LatestStreamLabel"]
        attributes["StreamArn"] = site.arn("dynamodb", f"table/{name}/stream/{label}")
    return attributes


def _indexes(properties: Mapping[str, TemplateValue]) -> list[dict[str, Any]]:
    return [as_api(index) for index in properties.get("GlobalSecondaryIndexes") or ()]


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an index that the API takes and that has a local effect."""
    kept = ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput")
    return {key: index[key] for key in kept if key in index}


def _changes(
    described: Mapping[str, Any], properties: Mapping[str, TemplateValue]
) -> Iterator[dict[str, Any]]:
    """The ``UpdateTable`` requests that lead from a table's description to what is wanted.

    One request changes one thing, because the API takes at most one index at a time.
    """
    yield from _billing_change(described, properties)
    yield from _stream_change(described, properties)
    yield from _index_changes(described, properties)
    protected = flag(properties.get("DeletionProtectionEnabled"))
    if protected != described.get("DeletionProtectionEnabled", False):
        yield {"DeletionProtectionEnabled": protected}
    table_class = properties.get("TableClass", "STANDARD")
    if table_class != described.get("TableClassSummary", {}).get("TableClass", "STANDARD"):
        yield {"TableClass": table_class}


def _billing_change(
    described: Mapping[str, Any], properties: Mapping[str, TemplateValue]
) -> Iterator[dict[str, Any]]:
    mode = properties.get("BillingMode", "PROVISIONED")
    was = described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    if mode == "PAY_PER_REQUEST":
        if was != mode:
            yield {"BillingMode": mode}
        return
    throughput = as_api(properties.get("ProvisionedThroughput") or {})
    if was != mode:
        yield {"BillingMode": mode, "ProvisionedThroughput": throughput}
    elif throughput and throughput != _capacity(described):
        yield {"ProvisionedThroughput": throughput}


def _capacity(described: Mapping[str, Any]) -> dict[str, int]:
    throughput = described.get("ProvisionedThroughput", {})
    return {key: throughput.get(key, 0) for key in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _stream_change(
    described: Mapping[str, Any], properties: Mapping[str, TemplateValue]
) -> Iterator[dict[str, Any]]:
    wanted = (properties.get("StreamSpecification") or {}).get("StreamViewType")
    specification = described.get("StreamSpecification") or {}
    was = specification.get("StreamViewType") if specification.get("StreamEnabled") else None
    if was == wanted:
        return
    if was is not None:
        yield {"StreamSpecification": {"StreamEnabled": False}}
    if wanted is not None:
        yield {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": wanted}}


def _index_changes(
    described: Mapping[str, Any], properties: Mapping[str, TemplateValue]
) -> Iterator[dict[str, Any]]:
    there = {it["IndexName"]: it for it in described.get("GlobalSecondaryIndexes", ())}
    wanted = {it["IndexName"]: it for it in _indexes(properties)}
    rebuilt = {
        name for name in there.keys() & wanted.keys() if _shape(there[name]) != _shape(wanted[name])
    }
    for name in [*(there.keys() - wanted.keys()), *rebuilt]:
        yield {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
    for name, index in wanted.items():
        if name not in there or name in rebuilt:
            yield {
                "AttributeDefinitions": as_api(properties["AttributeDefinitions"]),
                "GlobalSecondaryIndexUpdates": [{"Create": _index(index)}],
            }


def _shape(index: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of an index only a new index can change."""
    projection = index.get("Projection", {})
    return (
        index["KeySchema"],
        projection.get("ProjectionType", "ALL"),
        sorted(projection.get("NonKeyAttributes", ())),
    )


def _converge_time_to_live(
    client: AwsClient, name: str, properties: Mapping[str, TemplateValue]
) -> None:
    described = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    was = described.get("AttributeName") if described["TimeToLiveStatus"] == "ENABLED" else None
    specification = properties.get("TimeToLiveSpecification") or {}
    enabled = flag(specification.get("Enabled"))
    wanted = specification.get("AttributeName") if enabled else None
    if was not in (None, wanted):
        _set_time_to_live(client, name, was, enabled=False)
    if wanted not in (None, was):
        _set_time_to_live(client, name, wanted, enabled=True)


def _set_time_to_live(client: AwsClient, name: str, attribute: str, *, enabled: bool) -> None:
    client.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute},
    )


def _converge_tags(
    client: AwsClient, table_arn: str, properties: Mapping[str, TemplateValue]
) -> None:
    there = {it["Key"]: it["Value"] for it in _tags(client, table_arn)}
    wanted = {it["Key"]: it["Value"] for it in as_api(properties.get("Tags") or [])}
    gone = sorted(there.keys() - wanted.keys())
    if gone:
        client.untag_resource(ResourceArn=table_arn, TagKeys=gone)
    new = [{"Key": key, "Value": it} for key, it in wanted.items() if there.get(key) != it]
    if new:
        client.tag_resource(ResourceArn=table_arn, Tags=new)


def _tags(client: AwsClient, table_arn: str) -> list[dict[str, str]]:
    tags: list[dict[str, str]] = client.list_tags_of_resource(ResourceArn=table_arn)["Tags"]
    return tags


TYPES = (TableType(),)
