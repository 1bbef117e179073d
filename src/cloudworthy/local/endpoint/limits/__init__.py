"""Limits of services that the engines do not have, or answer in other words than AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cloudworthy.local.endpoint.call import Operation
from cloudworthy.local.endpoint.limits.dynamodb import check_dynamodb
from cloudworthy.local.endpoint.limits.s3 import check_s3
from cloudworthy.local.endpoint.limits.secretsmanager import check_secretsmanager
from cloudworthy.local.endpoint.limits.sns import check_sns
from cloudworthy.local.endpoint.limits.sqs import check_sqs
from cloudworthy.local.endpoint.limits.ssm import check_ssm
from cloudworthy.local.model.http import Request

_CHECKS: Final[Mapping[str, Callable[[Request, str], None]]] = {
    "dynamodb": check_dynamodb,
    "s3": check_s3,
    "secretsmanager": check_secretsmanager,
    "sns": check_sns,
    "sqs": check_sqs,
    "ssm": check_ssm,
}


def check_limits(request: Request, operation: Operation) -> None:
    """Refuse what the service would refuse; the engine is left to look at the rest.

    Raises
    ------
    AwsError
        In the service's own words.
    """
    check = _CHECKS.get(operation.service)
    if check is not None:
        check(request, operation.name)
