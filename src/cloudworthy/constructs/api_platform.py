"""What the APIs of a system have in common, whatever their kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import RemovalPolicy, aws_logs


@dataclass(frozen=True)
class ApiPlatform:
    """Who may call from a page, and how long logs are kept."""

    cors_origins: Sequence[str]
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy
