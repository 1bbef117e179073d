"""What the APIs of a system have in common, whatever their kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import RemovalPolicy, aws_logs

SIGNATURE_HEADERS: Final = ("X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token")
"""What a signed request has beside `Authorization`: a browser asks first whether it may."""


@dataclass(frozen=True)
class ApiPlatform:
    """Who may call from a page, and how long logs are kept."""

    cors_origins: Sequence[str]
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy
