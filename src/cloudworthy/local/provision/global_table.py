"""Global tables, which on one machine have one replica: plain tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cloudworthy.local.model.resources import ProvisionedResource, TemplateValue
from cloudworthy.local.provision.dynamodb import TableType
from cloudworthy.local.provision.names import HEXADECIMAL, uuid_text
from cloudworthy.local.provision.resource_type import Made, Wanted, words

_OF_REPLICA = ("DeletionProtectionEnabled", "TableClass", "Tags")


class GlobalTableType(TableType):
    """``AWS::DynamoDB::GlobalTable`` with a replica in the stack's region and no other.

    Source of Ref, GetAtt and replacement: CloudFormation template reference,
    AWS::DynamoDB::GlobalTable (documented).
    """

    def __init__(self) -> None:
        super().__init__()
        self.name = "AWS::DynamoDB::GlobalTable"
        self.honoured = words(
            "AttributeDefinitions BillingMode GlobalSecondaryIndexes KeySchema "
            "LocalSecondaryIndexes Replicas SSESpecification StreamSpecification TableName "
            "TimeToLiveSpecification"
        )
        self.inert = words(
            "MultiRegionConsistency ReadOnDemandThroughputSettings WarmThroughput "
            "WriteOnDemandThroughputSettings"
        )

    def check(self, wanted: Wanted) -> None:
        regions = [it.get("Region") for it in wanted.properties.get("Replicas") or ()]
        if regions != [wanted.site.region]:
            raise wanted.unsupported(
                "Replicas", f"replicas in {regions}", f"one, in {wanted.site.region}"
            )
        if wanted.properties.get("BillingMode") != "PAY_PER_REQUEST":
            raise wanted.unsupported("BillingMode", "provisioned capacity", "PAY_PER_REQUEST")

    def create(self, wanted: Wanted) -> Made:
        return _with_id(super().create(_as_table(wanted)), wanted)

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        return _with_id(super().update(_as_table(wanted), existing), wanted)


def _as_table(wanted: Wanted) -> Wanted:
    properties: Mapping[str, TemplateValue] = wanted.properties
    (replica,) = properties["Replicas"]
    kept = {key: it for key, it in properties.items() if key != "Replicas"}
    own = {key: replica[key] for key in _OF_REPLICA if key in replica}
    return replace(wanted, properties={**kept, **own})


def _with_id(made: Made, wanted: Wanted) -> Made:
    table_id = uuid_text(wanted.token(32, HEXADECIMAL, purpose="TableId"))
    return replace(made, attributes={**made.attributes, "TableId": table_id})


TYPES = (GlobalTableType(),)
