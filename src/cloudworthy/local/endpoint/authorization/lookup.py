"""What a request does not say about the resources it names."""

from __future__ import annotations

from typing import Protocol


class ResourceLookup(Protocol):
    """Whoever knows the resources that there are now."""

    async def secret_arn(self, secret_id: str) -> str | None:
        """The full ARN of a secret by its name, its ARN, or its ARN without the suffix."""
        ...

    async def key_arn(self, key_id: str) -> str | None:
        """The ARN of a key by its id, its ARN, ``alias/name``, or the ARN of an alias."""
        ...

    async def partition_key(self, table_arn: str, index_name: str | None) -> str | None:
        """The name of the partition key of a table, or of one of its indexes."""
        ...


class NothingKnown:
    """No resource is there yet: names stand for themselves."""

    async def secret_arn(self, secret_id: str) -> str | None:  # noqa: ARG002 - the Protocol's
        return None

    async def key_arn(self, key_id: str) -> str | None:  # noqa: ARG002 - the Protocol's
        return None

    async def partition_key(
        self,
        table_arn: str,  # noqa: ARG002 - the Protocol's
        index_name: str | None,  # noqa: ARG002 - the Protocol's
    ) -> str | None:
        return None
