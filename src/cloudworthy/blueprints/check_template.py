"""The rule packs over templates that are synthesized already, whoever wrote them.

    python -m cloudworthy.blueprints.check_template OUTPUT TEMPLATE...

writes ``validation-report.json`` into the directory OUTPUT. A resource is named there
``<number of the template>/Included/<logical id>``.
"""

import json
import os
import sys
from pathlib import Path

from cloudworthy.node import jsii_environment

os.environ.update(jsii_environment())  # importing aws_cdk starts Node

from aws_cdk import Acknowledgment, App, DefaultStackSynthesizer, Stack, Validations
from aws_cdk.cloudformation_include import CfnInclude

from cloudworthy.blueprints.rule_packs import check_with_rule_packs


def main() -> int:
    """Run the packs; the report says what they found, not the exit code."""
    output, *templates = sys.argv[1:]
    app = App(outdir=output)
    for number, template in enumerate(templates):
        _include(app, str(number), Path(template))
    check_with_rule_packs(app)
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    return 0


def _include(app: App, name: str, template: Path) -> None:
    stack = Stack(
        app,
        f"Template{name}",
        synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    included = CfnInclude(stack, "Included", template_file=str(template))
    for logical_id, resource in json.loads(template.read_text())["Resources"].items():
        accepted = resource.get("Metadata", {}).get("cdk_nag", {}).get("rules_to_suppress", ())
        if accepted:
            Validations.of(included.get_resource(logical_id)).acknowledge(
                *(Acknowledgment(id=each["id"], reason=each["reason"]) for each in accepted)
            )


if __name__ == "__main__":
    sys.exit(main())
