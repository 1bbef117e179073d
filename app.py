"""The systems as one CDK app: what `cdk` and `cloudworthy up` synthesize."""

import os
import sys
from pathlib import Path

from cloudworthy.node import jsii_environment

os.environ.update(jsii_environment())  # importing aws_cdk starts Node

from aws_cdk import App
from aws_cdk.cx_api import CloudAssembly

from cloudworthy.blueprints.rule_packs import check_with_rule_packs
from cloudworthy.blueprints.systems import add_systems
from cloudworthy.constructs.layer_build import LayerBuildError
from cloudworthy.constructs.settings import SettingError
from cloudworthy.proof.reachability import unreachable_services


def main() -> int:
    """Synthesize; a mistake of the user is one sentence on stderr, not a traceback."""
    app = App()
    try:
        add_systems(app, Path(__file__).parent)
    except (SettingError, LayerBuildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    check_with_rule_packs(app)
    return refuse_unreachable(app.synth())


def refuse_unreachable(assembly: CloudAssembly) -> int:
    """Fail when a function in a VPC has no way to a service that its role is granted."""
    findings = [it for stack in assembly.stacks for it in unreachable_services(stack.template)]
    for finding in findings:
        sys.stderr.write(f"{finding.resource}: {finding.message}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
