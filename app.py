"""The systems as one CDK app: what `cdk` and `cloudworthy up` synthesize."""

import os
import sys
from pathlib import Path

from cloudworthy.node import jsii_environment

os.environ.update(jsii_environment())  # importing aws_cdk starts Node

from aws_cdk import App

from cloudworthy.blueprints.rule_packs import check_with_rule_packs
from cloudworthy.blueprints.systems import add_systems
from cloudworthy.constructs.layer_build import LayerBuildError
from cloudworthy.constructs.settings import SettingError


def main() -> int:
    """Synthesize; a mistake of the user is one sentence on stderr, not a traceback."""
    app = App()
    try:
        add_systems(app, Path(__file__).parent)
    except (SettingError, LayerBuildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    check_with_rule_packs(app)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
