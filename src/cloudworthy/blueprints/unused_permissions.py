"""What functions are granted and no call of theirs uses, and why it has to be there.

The acceptance tests compare this with what they saw, both ways.
"""

from collections.abc import Mapping
from typing import Final

Reasons = Mapping[str, str]
"""By ``action on resource``, the resource by the path of its construct."""

_LOG: Final = "Lambda writes the function's log with it, outside of the function."
_TRACES: Final = (
    "The X-Ray daemon beside the function sends its traces with it; no call of it is seen."
)
_NETWORK: Final = (
    "Lambda connects the function to its subnets with it, and takes the connection away. The "
    "function's own code is denied it."
)


def _own(function: str) -> dict[str, str]:
    """What every function has: its log and its traces."""
    return {
        f"logs:CreateLogStream on {function}/Logs:*": _LOG,
        f"logs:PutLogEvents on {function}/Logs:*": _LOG,
        "xray:PutTelemetryRecords on *": _TRACES,
        "xray:PutTraceSegments on *": _TRACES,
    }


_VPC: Final = {
    "ec2:AssignPrivateIpAddresses on network-interface/*": _NETWORK,
    "ec2:CreateNetworkInterface on Network/ApiFunctionGroup": _NETWORK,
    "ec2:CreateNetworkInterface on Network/Vpc/PrivateSubnet1/Subnet": _NETWORK,
    "ec2:CreateNetworkInterface on Network/Vpc/PrivateSubnet2/Subnet": _NETWORK,
    "ec2:CreateNetworkInterface on network-interface/*": _NETWORK,
    "ec2:DeleteNetworkInterface on network-interface/*": _NETWORK,
    "ec2:DescribeNetworkInterfaces on *": _NETWORK,
    "ec2:DescribeSubnets on *": _NETWORK,
    "ec2:UnassignPrivateIpAddresses on network-interface/*": _NETWORK,
}

UNUSED: Final[Mapping[str, Mapping[str, Reasons]]] = {
    "web-app": {
        "ApiFunction": _own("ApiFunction"),
        "HealthFunction": _own("HealthFunction"),
    },
    "vpc-api": {"ApiFunction": {**_own("ApiFunction"), **_VPC}},
    "crud-api": {
        name: _own(name)
        for name in (
            "CreateFunction",
            "DeleteFunction",
            "GetFunction",
            "ListFunction",
            "UpdateFunction",
        )
    },
    "automation": {"ApiFunction": _own("ApiFunction")},
    "storage-api": {
        "ApiFunction": _own("ApiFunction"),
        "Authorizer/Function": _own("Authorizer/Function"),
    },
}
"""By system and function."""
