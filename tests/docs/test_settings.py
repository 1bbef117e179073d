"""docs/settings.md against the settings that the stack reads."""

from __future__ import annotations

import re

import pytest

from cloudworthy.blueprints.web_app_settings import WebAppSettings
from cloudworthy.constructs.settings import SettingError
from running_system import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text()


def test_the_page_lists_exactly_the_settings_there_are() -> None:
    with pytest.raises(SettingError) as refused:
        WebAppSettings.from_context({"web-app:no_such_setting": "x"})
    known = re.search(r"Known: (.*?)\.", str(refused.value))
    assert known is not None
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert listed == set(known[1].split(", "))
