"""Resources by the names of their constructs, which say more to a reader than ARNs."""

from __future__ import annotations

from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_ARN_SEGMENTS = 6


class ResourceNames:
    """Names for the ARNs in the policies of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._stack = deployment.stack
        self._by_arn: dict[str, str] = {}
        self._by_physical_id: dict[str, str] = {}
        for resource in deployment.resources.values():
            name = self._name(resource)
            self._by_physical_id.setdefault(resource.physical_id, name)
            for arn in (resource.attributes.get("Arn"), resource.physical_id):
                if isinstance(arn, str) and arn.startswith("arn:"):
                    # The ARN of a log group ends in the pattern of its streams.
                    self._by_arn.setdefault(arn.removesuffix(":*"), name)

    def of(self, resource: str) -> str:
        """``Items/Table``, with what follows the resource's ARN.

        Of what the stack does not have, the last part of the ARN if account and region are the
        stack's own, else the whole text.
        """
        for end in _ends(resource):
            name = self._by_arn.get(resource[:end])
            if name is not None:
                return name + resource[end:]
        segments = resource.split(":", _ARN_SEGMENTS - 1)
        if len(segments) < _ARN_SEGMENTS or not self._is_own(segments[3], segments[4]):
            return resource
        last = segments[5]
        return self._by_physical_id.get(last.rpartition("/")[2], last)

    def _is_own(self, region: str, account: str) -> bool:
        return region in ("", self._stack.region) and account in ("", self._stack.account)

    def _name(self, resource: ProvisionedResource) -> str:
        path = resource.construct_path.removesuffix("/Resource").partition("/")[2]
        return path or resource.logical_id


def _ends(resource: str) -> list[int]:
    """Where the ARN of a resource may end, the farthest first."""
    signs = [at for at, sign in enumerate(resource) if sign in ":/"]
    return [len(resource), *reversed(signs)]
