"""The rule packs that every system has to pass."""

from aws_cdk import App, Validations
from cdk_nag import (
    AwsSolutionsChecks,
    HIPAASecurityChecks,
    NIST80053R5Checks,
    PCIDSS321Checks,
    ServerlessChecks,
)


def check_with_rule_packs(app: App) -> None:
    """Let synth fail on a finding that is not accepted.

    What is accepted goes into the metadata of its resource, with the reason: the template
    itself says why it may be deployed.
    """
    for pack in (
        AwsSolutionsChecks,
        ServerlessChecks,
        NIST80053R5Checks,
        HIPAASecurityChecks,
        PCIDSS321Checks,
    ):
        checks = pack(app, write_suppressions_to_cloud_formation=True)
        Validations.of(app).add_plugins(checks)
