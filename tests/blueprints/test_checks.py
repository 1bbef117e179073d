"""The static checks: rule packs, cfn-lint, and the page of what was accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_lambda import CfnFunction

from cloudworthy.blueprints.accepted_findings import accepted_findings
from cloudworthy.blueprints.rule_packs import check_with_rule_packs
from cloudworthy.blueprints.security_page import as_page
from synthesized import PROJECT, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

STAGES = ["dev", "prod", "opened"]
PACKS = {"AwsSolutions", "Serverless", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"}
PAGE = PROJECT / "docs" / "security.md"


def test_a_finding_fails_synth_and_every_pack_looks(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    CfnFunction(
        Stack(app, "Careless"),
        "Function",
        code=CfnFunction.CodeProperty(zip_file="pass"),
        role="arn:aws:iam::111122223333:role/any",
        runtime="python3.9",
        handler="index.handler",
    )
    check_with_rule_packs(app)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    failed = {
        violation["ruleName"].partition("-")[0]
        for each in report["pluginReports"]
        for violation in each["violations"]
    }
    assert failed >= PACKS


@pytest.mark.parametrize("name", STAGES)
def test_no_finding_is_left(name: str, request: pytest.FixtureRequest) -> None:
    """Warnings count as well; synth itself fails on errors only."""
    stack, *_ = request.getfixturevalue(f"{name}_systems").values()
    report = json.loads((stack.directory / "validation-report.json").read_text())
    assert [violation for each in report["pluginReports"] for violation in each["violations"]] == []


@pytest.mark.parametrize("name", [name for name in STAGES if name != "dev"])
def test_cfn_lint_is_clean(name: str, request: pytest.FixtureRequest) -> None:
    """With default settings ``cloudworthy check`` says so; see ``tests/proof``."""
    templates = [
        str(it.template_file) for it in request.getfixturevalue(f"{name}_systems").values()
    ]
    command = [str(Path(sys.executable).with_name("cfn-lint")), *templates]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_acceptance_names_one_resource_and_gives_a_reason(each_dev: Synthesized) -> None:
    findings = accepted_findings(each_dev.template)
    paths = {resource.path for resource in each_dev}
    for finding in findings:
        assert finding.path in paths
        assert len(finding.reason.split()) >= 6, finding
    of_packs = {
        it.rule_id.partition("-")[0] for it in findings if not it.rule_id.startswith("CKV_")
    }
    assert of_packs == PACKS


def test_acceptances_are_not_inherited(each_dev: Synthesized) -> None:
    """One on a construct with children would cover resources nobody looked at."""
    tree = json.loads((each_dev.directory / "tree.json").read_text())["tree"]
    node_of = {node["path"]: node for node in _nodes(tree)}
    for finding in accepted_findings(each_dev.template):
        assert not node_of[finding.path].get("children"), finding


def test_the_page_says_what_the_templates_say(dev_systems: Mapping[str, Synthesized]) -> None:
    assert PAGE.read_text() == as_page([each.template for each in dev_systems.values()]), (
        "docs/security.md is out of date. Run cdk synth, and then "
        "python -m cloudworthy.blueprints.security_page cdk.out/*.template.json "
        "> docs/security.md"
    )


def _nodes(node: dict[str, object]) -> list[dict[str, object]]:
    children = node.get("children", {})
    assert isinstance(children, dict)
    return [node, *(below for child in children.values() for below in _nodes(child))]
