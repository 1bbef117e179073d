"""Reading settings from context, apart from any system."""

from __future__ import annotations

from enum import StrEnum

import pytest

from cloudworthy.constructs.settings import SettingError, SettingsReader


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


def reader(**context: object) -> SettingsReader:
    return SettingsReader("shop", context)


def test_a_default_is_used_when_nothing_is_given() -> None:
    assert reader().choice("size", Size.SMALL) is Size.SMALL
    assert reader().integer("count", 3, least=1, most=9) == 3
    assert reader().texts("names", ("a",), pattern="[a-z]", expected="letters") == ("a",)
    assert reader().optional_text("name", pattern="[a-z]+", expected="letters") is None


def test_numbers_come_as_numbers_or_as_text() -> None:
    assert reader(count=4).integer("count", 3, least=1, most=9) == 4
    assert reader(count="4").integer("count", 3, least=1, most=9) == 4


@pytest.mark.parametrize("given", [0, 10, "0x4", "4.0", 4.5, "", None, True, " 4", "9" * 30])
def test_what_is_no_number_or_out_of_bounds_is_refused(given: object) -> None:
    with pytest.raises(SettingError, match="a whole number from 1 to 9"):
        reader(count=given).integer("count", 3, least=1, most=9)


@pytest.mark.parametrize("given", ["medium", "SMALL", "", None, 3, ["small"], {"a": 1}])
def test_what_is_no_choice_is_refused(given: object) -> None:
    with pytest.raises(SettingError, match="one of small, large"):
        reader(size=given).choice("size", Size.SMALL)


def test_an_empty_list_is_a_list() -> None:
    assert reader(names="").texts("names", ("a",), pattern="[a-z]", expected="letters") == ()


def test_finish_accepts_what_was_read_and_what_belongs_to_others() -> None:
    settings = SettingsReader("shop", {"size": "large", "other:size": 1, "@cdk/x": 2, "zone": 3})
    assert settings.choice("size", Size.SMALL) is Size.LARGE
    settings.finish()


def test_finish_suggests_the_name_that_was_meant() -> None:
    settings = SettingsReader("shop", {"shop:sizes": "large"})
    settings.choice("size", Size.SMALL)
    with pytest.raises(SettingError, match=r"setting shop:sizes .* Did you mean size\?"):
        settings.finish()
