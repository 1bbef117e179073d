"""The resources of the stack that requests name in several ways."""

from __future__ import annotations

from collections.abc import Iterator

from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_SUFFIX_LENGTH = 7
"""Of the hyphen and six characters at the end of a secret's ARN."""
_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
_ARN_COLONS = 5


class StackResources:
    """A ``ResourceLookup`` in one deployment."""

    def __init__(self, deployment: Deployment | None = None) -> None:
        found = deployment
        self._secrets = dict(_secrets(found)) if found else {}
        self._keys = dict(_keys(found)) if found else {}
        self._partition_keys = dict(_partition_keys(found)) if found else {}

    async def secret_arn(self, secret_id: str) -> str | None:
        return self._secrets.get(secret_id)

    async def key_arn(self, key_id: str) -> str | None:
        is_arn = key_id.count(":") >= _ARN_COLONS
        return self._keys.get(key_id.split(":", _ARN_COLONS)[-1] if is_arn else key_id)

    async def partition_key(self, table_arn: str, index_name: str | None) -> str | None:
        return self._partition_keys.get((table_arn.rpartition("/")[2], index_name))


def _secrets(deployment: Deployment) -> Iterator[tuple[str, str]]:
    for secret in deployment.of_type("AWS::SecretsManager::Secret"):
        arn = secret.physical_id
        without_suffix = arn[:-_SUFFIX_LENGTH]
        for known in (arn, without_suffix, without_suffix.rpartition(":secret:")[2]):
            yield known, arn


def _keys(deployment: Deployment) -> Iterator[tuple[str, str]]:
    arns = {}
    for key in deployment.of_type("AWS::KMS::Key"):
        arn = arns[key.physical_id] = str(key.attributes["Arn"])
        yield key.physical_id, arn
        yield f"key/{key.physical_id}", arn
    for alias in deployment.of_type("AWS::KMS::Alias"):
        target = str(alias.properties.get("TargetKeyId", "")).rpartition("/")[2]
        if target in arns:
            yield alias.physical_id, arns[target]


def _partition_keys(deployment: Deployment) -> Iterator[tuple[tuple[str, str | None], str]]:
    for kind in _TABLES:
        for table in deployment.of_type(kind):
            yield from _of_table(table)


def _of_table(table: ProvisionedResource) -> Iterator[tuple[tuple[str, str | None], str]]:
    yield (table.physical_id, None), _hash_key(table.properties["KeySchema"])
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for index in table.properties.get(member) or ():
            yield (table.physical_id, str(index["IndexName"])), _hash_key(index["KeySchema"])


def _hash_key(schema: list[dict[str, str]]) -> str:
    return next(it["AttributeName"] for it in schema if it["KeyType"] == "HASH")
