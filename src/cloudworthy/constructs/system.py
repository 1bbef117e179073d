"""The settings that every system has, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import RemovalPolicy, aws_lambda, aws_logs

from cloudworthy.constructs.settings import SettingsReader

LOG_RETENTION: Final = {
    1: aws_logs.RetentionDays.ONE_DAY,
    3: aws_logs.RetentionDays.THREE_DAYS,
    5: aws_logs.RetentionDays.FIVE_DAYS,
    7: aws_logs.RetentionDays.ONE_WEEK,
    14: aws_logs.RetentionDays.TWO_WEEKS,
    30: aws_logs.RetentionDays.ONE_MONTH,
    60: aws_logs.RetentionDays.TWO_MONTHS,
    90: aws_logs.RetentionDays.THREE_MONTHS,
    180: aws_logs.RetentionDays.SIX_MONTHS,
    365: aws_logs.RetentionDays.ONE_YEAR,
    731: aws_logs.RetentionDays.TWO_YEARS,
    3653: aws_logs.RetentionDays.TEN_YEARS,
}

_ORIGIN = r"\*|https?://[A-Za-z0-9.-]+(:\d{1,5})?"
_EMAIL = r"[^@\s,]+@[^@\s,]+\.[^@\s,]+"
_REGION = r"[a-z]{2}(-[a-z]+){1,2}-\d"


class Stage(StrEnum):
    """What a deployment is for; decides whether data outlive it."""

    DEV = "dev"
    PROD = "prod"


class Removal(StrEnum):
    """What becomes of data when the stack is destroyed."""

    BY_STAGE = "by_stage"
    DESTROY = "destroy"
    RETAIN = "retain"


class Architecture(StrEnum):
    """Processor the functions run on."""

    ARM64 = "arm64"
    X86_64 = "x86_64"

    @property
    def of_lambda(self) -> aws_lambda.Architecture:
        if self is Architecture.ARM64:
            return aws_lambda.Architecture.ARM_64
        return aws_lambda.Architecture.X86_64


class AccountRole(StrEnum):
    """Who provides the role with which API Gateway writes logs, one for account and region."""

    CREATE = "create"
    EXISTING = "existing"


@dataclass(frozen=True)
class SystemSettings:
    """Settings that every system has."""

    system: str
    stack_name: str
    project: str
    stage: Stage
    region: str
    architecture: Architecture
    removal: Removal
    log_retention_days: int
    cors_origins: tuple[str, ...]
    alarm_emails: tuple[str, ...]
    api_account_role: AccountRole

    @property
    def retains_data(self) -> bool:
        if self.removal is Removal.BY_STAGE:
            return self.stage is Stage.PROD
        return self.removal is Removal.RETAIN

    @property
    def removal_policy(self) -> RemovalPolicy:
        return RemovalPolicy.RETAIN if self.retains_data else RemovalPolicy.DESTROY

    @property
    def log_retention(self) -> aws_logs.RetentionDays:
        return LOG_RETENTION[self.log_retention_days]

    @property
    def tags(self) -> Mapping[str, str]:
        return {"project": self.project, "environment": self.stage.value, "system": self.system}


def read_system_settings(reader: SettingsReader, system: str, region: str) -> SystemSettings:
    """Read the settings every system has; `region` is the system's default one."""
    name = r"[A-Za-z][A-Za-z0-9-]{0,99}"
    return SystemSettings(
        system=system,
        stack_name=reader.text(
            "stack_name",
            system,
            pattern=name,
            expected="letters, digits and hyphens, a letter first, at most 100",
        ),
        project=reader.text(
            "project",
            "cloudworthy",
            pattern=r"[\w .:/=+@-]{1,128}",
            expected="1 to 128 letters, digits, spaces or _.:/=+-@",
        ),
        stage=reader.choice("stage", Stage.DEV),
        region=reader.text(
            "region", region, pattern=_REGION, expected="an AWS region such as us-east-1"
        ),
        architecture=reader.choice("architecture", Architecture.ARM64),
        removal=reader.choice("removal_policy", Removal.BY_STAGE),
        log_retention_days=reader.one_of("log_retention_days", 7, tuple(LOG_RETENTION)),
        cors_origins=reader.texts(
            "cors_origins",
            ("*",),
            pattern=_ORIGIN,
            expected="origins such as https://example.org, or *",
        ),
        alarm_emails=reader.texts("alarm_emails", (), pattern=_EMAIL, expected="e-mail addresses"),
        api_account_role=reader.choice("api_account_role", AccountRole.CREATE),
    )
