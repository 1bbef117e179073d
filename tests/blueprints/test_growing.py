"""docs/growing.md: every example is added to crud-api and checked like the rest of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.blueprints.crud_api import CrudApiStack
from cloudworthy.blueprints.crud_api_settings import CrudApiSettings
from cloudworthy.blueprints.rule_packs import check_with_rule_packs
from synthesized import PROJECT, cdk_app

pytestmark = pytest.mark.xdist_group("synth")

EXAMPLES = re.findall(
    r"```python\n(.*?)```", (PROJECT / "docs" / "growing.md").read_text(), re.DOTALL
)
FEW = 10


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template of crud-api with every example of the page."""
    directory = tmp_path_factory.mktemp("grown")
    app = cdk_app(directory)
    settings = CrudApiSettings.from_context(app.node.get_all_context())
    stack = CrudApiStack(app, PROJECT, settings)
    for example in EXAMPLES:
        exec(compile(example, "growing.md", "exec"), {"stack": stack})  # noqa: S102 - ours
    check_with_rule_packs(app)
    app.synth()
    return directory / "crud-api.template.json"


def test_each_example_takes_a_few_lines() -> None:
    assert len(EXAMPLES) == 3
    for example in EXAMPLES:
        lines = [line for line in example.splitlines() if line and "import" not in line]
        assert len(lines) < FEW, example


def test_the_grown_stack_has_a_queue_a_topic_and_a_workflow(grown: Path) -> None:
    resources = json.loads(grown.read_text())["Resources"].values()
    count = {
        kind: sum(each["Type"] == kind for each in resources)
        for kind in ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine")
    }
    # With the dead-letter queue of the one, and the topic of the alarms.
    assert list(count.values()) == [2, 2, 1]


def test_each_function_got_what_it_uses_and_no_more(grown: Path) -> None:
    resources = json.loads(grown.read_text())["Resources"]
    gained = {
        name: {action for action in _actions(resources, name) if not _is_own(action)}
        for name in ("Create", "Get", "Delete")
    }
    assert gained == {
        "Create": {"sqs:SendMessage", "states:StartExecution"},
        "Get": set(),
        "Delete": {"kms:Decrypt", "kms:GenerateDataKey", "sns:Publish"},
    }


def test_the_grown_stack_is_clean(grown: Path) -> None:
    """Rule packs were part of synth; warnings count as well."""
    report = json.loads((grown.parent / "validation-report.json").read_text())
    assert [found for each in report["pluginReports"] for found in each["violations"]] == []
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(grown)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout) == (0, "")


def _actions(resources: Mapping[str, Any], function: str) -> set[str]:
    (policy,) = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in resources.items()
        if name.startswith(f"{function}FunctionRoleDefaultPolicy")
    ]
    actions: set[str] = set()
    for statement in policy:
        named = statement["Action"]
        actions.update([named] if isinstance(named, str) else named)
    return actions


def _is_own(action: str) -> bool:
    return action.partition(":")[0] in {"dynamodb", "logs", "xray"}
