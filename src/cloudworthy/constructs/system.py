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
_TAG_VALUE = r"[\w .:/=+@-]{1,128}"
_TAG_VALUE_IN_WORDS = "1 to 128 letters, digits, spaces or _.:/=+-@"


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
    environment: str
    account: str | None
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
        return {"project": self.project, "environment": self.environment, "system": self.system}


@dataclass(frozen=True)
class SystemDefaults:
    """Defaults in which systems differ; without an `environment` the stage names it."""

    region: str = "us-east-1"
    project: str = "cloudworthy"
    environment: str | None = None
    log_retention_days: int = 7
    cors_origins: tuple[str, ...] = ("*",)


def read_system_settings(
    reader: SettingsReader, system: str, defaults: SystemDefaults
) -> SystemSettings:
    """Read the settings every system has."""
    name = r"[A-Za-z][A-Za-z0-9-]{0,99}"
    stage = reader.choice("stage", Stage.DEV)
    return SystemSettings(
        system=system,
        stack_name=reader.text(
            "stack_name",
            system,
            pattern=name,
            expected="letters, digits and hyphens, a letter first, at most 100",
        ),
        project=reader.text(
            "project", defaults.project, pattern=_TAG_VALUE, expected=_TAG_VALUE_IN_WORDS
        ),
        stage=stage,
        environment=reader.text(
            "environment",
            defaults.environment or stage.value,
            pattern=_TAG_VALUE,
            expected=_TAG_VALUE_IN_WORDS,
        ),
        account=reader.optional_text(
            "account", pattern=r"\d{12}", expected="the 12 digits of an AWS account"
        ),
        region=reader.text(
            "region", defaults.region, pattern=_REGION, expected="an AWS region such as us-east-1"
        ),
        architecture=reader.choice("architecture", Architecture.ARM64),
        removal=reader.choice("removal_policy", Removal.BY_STAGE),
        log_retention_days=reader.one_of(
            "log_retention_days", defaults.log_retention_days, tuple(LOG_RETENTION)
        ),
        cors_origins=reader.texts(
            "cors_origins",
            defaults.cors_origins,
            pattern=_ORIGIN,
            expected="origins such as https://example.org, or *",
        ),
        alarm_emails=reader.texts("alarm_emails", (), pattern=_EMAIL, expected="e-mail addresses"),
        api_account_role=reader.choice("api_account_role", AccountRole.CREATE),
    )
