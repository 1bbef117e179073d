"""The static checks: rule packs, cfn-lint, and the page of what was accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_lambda import CfnFunction

from cloudworthy.blueprints.accepted_findings import accepted_findings, as_page
from cloudworthy.blueprints.rule_packs import check_with_rule_packs
from synthesized import PROJECT, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

STACKS = ["dev", "prod", "opened"]
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


@pytest.mark.parametrize("name", STACKS)
def test_no_finding_is_left(name: str, request: pytest.FixtureRequest) -> None:
    """Warnings count as well; synth itself fails on errors only."""
    stack: Synthesized = request.getfixturevalue(name)
    report = json.loads((stack.directory / "validation-report.json").read_text())
    assert [violation for each in report["pluginReports"] for violation in each["violations"]] == []


@pytest.mark.parametrize("name", STACKS)
def test_cfn_lint_is_clean(name: str, request: pytest.FixtureRequest) -> None:
    stack: Synthesized = request.getfixturevalue(name)
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(stack.template_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_acceptance_names_one_resource_and_gives_a_reason(dev: Synthesized) -> None:
    findings = accepted_findings(dev.template)
    paths = {resource.path for resource in dev}
    for finding in findings:
        assert finding.path in paths
        assert len(finding.reason.split()) >= 6, finding
    assert {finding.rule_id.partition("-")[0] for finding in findings} == PACKS


def test_acceptances_are_not_inherited(dev: Synthesized) -> None:
    """One on a construct with children would cover resources nobody looked at."""
    tree = json.loads((dev.directory / "tree.json").read_text())["tree"]
    node_of = {node["path"]: node for node in _nodes(tree)}
    for finding in accepted_findings(dev.template):
        assert not node_of[finding.path].get("children"), finding


def test_the_page_says_what_the_templates_say(dev: Synthesized) -> None:
    assert PAGE.read_text() == as_page([dev.template]), (
        "docs/security.md is out of date. Run cdk synth, and then "
        "python -m cloudworthy.blueprints.accepted_findings cdk.out/*.template.json "
        "> docs/security.md"
    )


def _nodes(node: dict[str, object]) -> list[dict[str, object]]:
    children = node.get("children", {})
    assert isinstance(children, dict)
    return [node, *(below for child in children.values() for below in _nodes(child))]
