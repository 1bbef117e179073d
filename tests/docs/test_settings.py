"""docs/settings.md against the settings that the stacks read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from cloudworthy.blueprints.automation_settings import AutomationSettings
from cloudworthy.blueprints.crud_api_settings import CrudApiSettings
from cloudworthy.blueprints.storage_api_settings import StorageApiSettings
from cloudworthy.blueprints.vpc_api_settings import VpcApiSettings
from cloudworthy.blueprints.web_app_settings import WebAppSettings
from cloudworthy.constructs.settings import SettingError
from running_system import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
READERS: Mapping[str, Callable[[Mapping[str, object]], object]] = {
    "web-app": WebAppSettings.from_context,
    "vpc-api": VpcApiSettings.from_context,
    "crud-api": CrudApiSettings.from_context,
    "automation": AutomationSettings.from_context,
    "storage-api": StorageApiSettings.from_context,
}


@pytest.mark.parametrize("system", READERS)
def test_the_page_lists_exactly_the_settings_there_are(system: str) -> None:
    with pytest.raises(SettingError) as refused:
        READERS[system]({f"{system}:no_such_setting": "x"})
    known = re.search(r"Known: (.*?)\.", str(refused.value))
    assert known is not None
    assert _listed("Every system") | _listed(system) == set(known[1].split(", "))


def test_every_section_is_a_system() -> None:
    assert SECTIONS.keys() == {"Every system", *READERS}


def _listed(section: str) -> set[str]:
    rows = [line.split("|")[1] for line in SECTIONS[section].splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}
