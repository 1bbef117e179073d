"""Settings of web-app: defaults, precedence, and errors that say what to do."""

from __future__ import annotations

import pytest

from cloudworthy.blueprints.web_app_settings import WebAppSettings
from cloudworthy.constructs.rest_authorizers import RestAuth
from cloudworthy.constructs.settings import SettingError
from cloudworthy.constructs.system import Architecture, Stage

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b-2c3d"


def test_defaults() -> None:
    settings = WebAppSettings.from_context({})
    assert settings.auth is RestAuth.API_KEY
    assert settings.common.stage is Stage.DEV
    assert settings.common.region == "us-east-1"
    assert settings.common.architecture is Architecture.ARM64
    assert settings.common.log_retention_days == 7
    assert not settings.common.retains_data
    assert (settings.capacity.minimum, settings.capacity.maximum) == (5, 100)


def test_context_of_the_cdk_itself_is_left_alone() -> None:
    context = {
        "@aws-cdk/core:x": True,
        "aws:cdk:enable-path-metadata": True,
        "cli-telemetry": False,
    }
    assert WebAppSettings.from_context(context) == WebAppSettings.from_context({})


def test_prod_retains_and_dev_destroys_unless_told_otherwise() -> None:
    cases = {
        ("dev", "by_stage"): False,
        ("prod", "by_stage"): True,
        ("dev", "retain"): True,
        ("prod", "destroy"): False,
    }
    for (stage, removal), retains in cases.items():
        settings = WebAppSettings.from_context({"stage": stage, "removal_policy": removal})
        assert settings.common.retains_data is retains


def test_a_setting_of_the_system_wins_over_one_for_all() -> None:
    settings = WebAppSettings.from_context({"region": "eu-west-1", "web-app:region": "eu-north-1"})
    assert settings.common.region == "eu-north-1"


def test_a_list_may_be_given_as_text_or_as_a_list() -> None:
    as_text = WebAppSettings.from_context({"cors_origins": "https://a.example, https://b.example"})
    as_list = WebAppSettings.from_context(
        {"cors_origins": ["https://a.example", "https://b.example"]}
    )
    assert as_text == as_list
    assert as_list.common.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("stage", "production", "one of dev, prod"),
        ("auth", "token", "one of api_key, iam, jwt, none"),
        ("architecture", "riscv", "one of arm64, x86_64"),
        ("removal_policy", "keep", "one of by_stage, destroy, retain"),
        ("region", "Frankfurt", "an AWS region such as us-east-1"),
        ("log_retention_days", 8, "one of 1, 3, 5, 7"),
        ("cors_origins", "example.org", "a list of origins such as https://example.org"),
        ("cors_origins", 7, "a list of origins"),
        ("cors_origins", ["*", 7], "a list of origins"),
        ("alarm_emails", "nobody", "a list of e-mail addresses"),
        ("min_capacity", "five", "a whole number from 1 to 40000"),
        ("min_capacity", True, "a whole number from 1 to 40000"),
        ("max_capacity", 4, "at least min_capacity (5)"),
        ("target_utilization", "95", "a whole number from 20 to 90"),
        ("stack_name", "9lives", "letters, digits and hyphens, a letter first"),
        ("project", "", "1 to 128 letters"),
        ("domain_name", "not a domain", "a domain name such as app.example.org"),
        ("api_account_role", "skip", "one of create, existing"),
    ],
)
def test_an_error_names_the_setting_what_was_given_and_what_is_allowed(
    name: str, given: object, expected: str
) -> None:
    with pytest.raises(SettingError) as caught:
        WebAppSettings.from_context({name: given})
    message = str(caught.value)
    assert message.startswith(f"setting {name} (web-app): found {given!r}, expected {expected}")
    assert f"-c {name}=" in message


def test_a_domain_needs_its_certificate_and_the_other_way_round() -> None:
    with pytest.raises(SettingError, match="setting certificate_arn"):
        WebAppSettings.from_context({"domain_name": "app.example.org"})
    with pytest.raises(SettingError, match="setting domain_name"):
        WebAppSettings.from_context({"certificate_arn": CERTIFICATE})
    elsewhere = CERTIFICATE.replace("us-east-1", "eu-west-1")
    with pytest.raises(SettingError, match="where CloudFront looks"):
        WebAppSettings.from_context({"domain_name": "a.example", "certificate_arn": elsewhere})


@pytest.mark.parametrize("key", ["stgae", "web-app:stgae", "cors_origin", "web-app:colour"])
def test_a_misspelt_setting_is_not_ignored(key: str) -> None:
    with pytest.raises(SettingError, match=f"setting {key} .*expected no setting of that name"):
        WebAppSettings.from_context({key: "x"})
