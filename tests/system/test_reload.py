"""Changes while the stack runs: code, the app, and an app that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from project_copy import copy_of_the_repository
from running_system import RunningSystem, start_system, wait_until

pytestmark = [pytest.mark.xdist_group("reload"), pytest.mark.timeout(300)]


class Project:
    """A copy of this repository with a running web-app."""

    def __init__(self, directory: Path, system: RunningSystem) -> None:
        self.directory = directory
        self.system = system

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.directory / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = copy_of_the_repository(tmp_path_factory.mktemp("project"))
    with start_system(tmp_path_factory.mktemp("reload"), cwd=directory) as system:
        yield Project(directory, system)


def test_changed_code_is_live_without_a_failed_request(project: Project) -> None:
    system = project.system
    assert message_of_404(system) == "There is nothing at this path."
    project.replace("services/gateway/router.py", "There is nothing at this path.", "Nothing.")
    seen = set()

    def changed() -> bool:
        answer = message_of_404(system)
        seen.add(answer)
        return answer == "Nothing."

    wait_until(changed, 10)
    assert seen <= {"There is nothing at this path.", "Nothing."}


def message_of_404(system: RunningSystem) -> str:
    answer = system.request("GET", "/no/such/path")
    assert answer.status == 404
    return str(answer.json()["error"]["message"])


def test_a_changed_app_is_synthesized_and_applied_as_an_update(project: Project) -> None:
    system = project.system
    item = system.request("POST", "/items", {"name": "Kept"}).json()
    assert allowed_origin(system) == "*"
    setting = '"context": {\n    "cors_origins": ["https://shop.example"],'
    project.replace("cdk.json", '"context": {', setting)
    wait_until(lambda: allowed_origin(system) == "https://shop.example", 120)
    assert b"to update" in system.log.read_bytes()
    assert system.request("GET", f"/items/{item['item_id']}").json() == item


def allowed_origin(system: RunningSystem) -> str:
    answer = system.request("GET", "/items", headers={"origin": "https://shop.example"})
    assert answer.status == 200
    return str(answer.headers["access-control-allow-origin"])


def test_a_failing_synth_keeps_the_version_before(project: Project) -> None:
    system = project.system
    project.replace("app.py", "import", "raise SystemExit('broken on purpose')\nimport")
    wait_until(lambda: b"broken on purpose" in system.log.read_bytes(), 60)
    assert b"version before goes on serving" in system.log.read_bytes()
    assert system.request("GET", "/items").status == 200
