"""What stands at the beginning of ARNs.

Source: AWS general reference, "Amazon Resource Names (ARNs)", partitions (documented).
"""

from __future__ import annotations


def partition_of(region: str) -> str:
    """The partition that a region belongs to, e.g. ``aws-us-gov``."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def url_suffix_of(region: str) -> str:
    """What the addresses of services in a region end in."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def service_of(arn: str) -> str:
    """The service of an ARN in any partition; empty for what is no ARN."""
    parts = arn.split(":", 3)
    return parts[2] if len(parts) > 3 and parts[0] == "arn" else ""


def arn_of(service: str, region: str, account: str, resource: str) -> str:
    """The ARN of a resource that belongs to a region."""
    return f"arn:{partition_of(region)}:{service}:{region}:{account}:{resource}"


def bucket_arn(region: str, bucket: str) -> str:
    """The ARN of a bucket, or of an object by ``bucket/key``."""
    return f"arn:{partition_of(region)}:s3:::{bucket}"
