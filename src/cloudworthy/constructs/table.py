"""A DynamoDB table: encrypted, recoverable, scaled on the table and on every index."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import RemovalPolicy, aws_dynamodb
from constructs import Construct

from cloudworthy.constructs.suppressions import Pack, accept, in_packs

_STRING: Final = aws_dynamodb.AttributeType.STRING

ITEM_ACTIONS: Final = (
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:Scan",
)
"""What a function calls that reads, creates, changes, deletes and lists items by their keys."""


@dataclass(frozen=True)
class Key:
    """A primary key of strings."""

    partition: str
    sort: str | None = None


@dataclass(frozen=True)
class Index:
    """A global secondary index over all attributes."""

    name: str
    key: Key


@dataclass(frozen=True)
class Scaling:
    """Provisioned capacity, for reads and writes alike, on the table and on each index."""

    minimum: int = 5
    maximum: int = 100
    target_percent: int = 70


@dataclass(frozen=True)
class TableProps:
    """A table. Without `scaling` it is billed by request."""

    key: Key
    removal_policy: RemovalPolicy
    indexes: tuple[Index, ...] = ()
    scaling: Scaling | None = None
    stream: bool = False
    ttl_attribute: str | None = None


class Table(Construct):
    """A DynamoDB table with point-in-time recovery and the AWS-managed key."""

    def __init__(self, scope: Construct, construct_id: str, props: TableProps) -> None:
        super().__init__(scope, construct_id)
        retained = props.removal_policy is not RemovalPolicy.DESTROY
        capacity = props.scaling.minimum if props.scaling else None
        self.table: Final = aws_dynamodb.Table(
            self,
            "Table",
            partition_key=_attribute(props.key.partition),
            sort_key=_sort_attribute(props.key),
            billing_mode=_billing(props.scaling),
            read_capacity=capacity,
            write_capacity=capacity,
            encryption=aws_dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=aws_dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if props.stream else None,
            time_to_live_attribute=props.ttl_attribute,
            removal_policy=props.removal_policy,
            deletion_protection=retained,
        )
        for index in props.indexes:
            self._add_index(index, capacity)
        if props.scaling:
            self._scale(props.scaling, props.indexes)
        _accept_findings(self.table)

    @property
    def arn(self) -> str:
        return self.table.table_arn

    def index_arn(self, name: str) -> str:
        """ARN of one index: what a Query on it is granted on."""
        return f"{self.table.table_arn}/index/{name}"

    def _add_index(self, index: Index, capacity: int | None) -> None:
        self.table.add_global_secondary_index(
            index_name=index.name,
            partition_key=_attribute(index.key.partition),
            sort_key=_sort_attribute(index.key),
            projection_type=aws_dynamodb.ProjectionType.ALL,
            read_capacity=capacity,
            write_capacity=capacity,
        )

    def _scale(self, scaling: Scaling, indexes: tuple[Index, ...]) -> None:
        low, high = scaling.minimum, scaling.maximum
        scalable = [
            self.table.auto_scale_read_capacity(min_capacity=low, max_capacity=high),
            self.table.auto_scale_write_capacity(min_capacity=low, max_capacity=high),
        ]
        for index in indexes:
            scalable += [
                self.table.auto_scale_global_secondary_index_read_capacity(
                    index.name, min_capacity=low, max_capacity=high
                ),
                self.table.auto_scale_global_secondary_index_write_capacity(
                    index.name, min_capacity=low, max_capacity=high
                ),
            ]
        for attribute in scalable:
            attribute.scale_on_utilization(target_utilization_percent=scaling.target_percent)


def _attribute(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=_STRING)


def _sort_attribute(key: Key) -> aws_dynamodb.Attribute | None:
    return _attribute(key.sort) if key.sort else None


def _billing(scaling: Scaling | None) -> aws_dynamodb.BillingMode:
    if scaling is None:
        return aws_dynamodb.BillingMode.PAY_PER_REQUEST
    return aws_dynamodb.BillingMode.PROVISIONED


def _accept_findings(table: aws_dynamodb.Table) -> None:
    accept(
        table,
        "Point-in-time recovery restores any second of the last 35 days. A backup plan spans the "
        "tables of an account and is the account's decision, not that of one stack in it.",
        *in_packs("DynamoDBInBackupPlan", Pack.NIST, Pack.HIPAA),
    )
    accept(
        table,
        "Encrypted with the AWS-managed key. A customer key adds a second permission in front of "
        "the data, which the roles of these functions would be given anyway, and a monthly fee.",
        "CKV_AWS_119",
    )
