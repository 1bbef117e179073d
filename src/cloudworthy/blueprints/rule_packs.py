"""The rule packs that every system has to pass."""

from aws_cdk import App, Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)


def check_with_rule_packs(app: App, *, record_accepted: bool = False) -> None:
    """Let synth fail on a finding that is not accepted.

    `record_accepted` writes what was accepted into each resource's metadata.
    """
    for pack in (
        AwsSolutionsChecks,
        ServerlessChecks,
        NIST80053R5Checks,
        HIPAASecurityChecks,
        PCIDSS321Checks,
    ):
        checks = pack(app, write_suppressions_to_cloud_formation=record_accepted)
        Validations.of(app).add_plugins(checks)
