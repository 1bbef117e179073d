"""Settings of storage-api and automation that other systems do not have."""

from __future__ import annotations

import pytest

from cloudworthy.blueprints.automation_settings import AutomationSettings
from cloudworthy.blueprints.storage_api_settings import StorageApiSettings
from cloudworthy.constructs.http_authorizers import HttpAuth
from cloudworthy.constructs.jwt import JwtSettings
from cloudworthy.constructs.settings import SettingError

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf"


def test_a_token_is_asked_for_by_default() -> None:
    settings = StorageApiSettings.from_context({})
    assert (settings.auth, settings.jwt, settings.reserved_concurrency) == (
        HttpAuth.TOKEN,
        None,
        100,
    )


def test_a_provider_of_tokens() -> None:
    context = {"auth": "jwt", "jwt_issuer": ISSUER, "jwt_audience": "page, tool"}
    assert StorageApiSettings.from_context(context).jwt == JwtSettings(ISSUER, ("page", "tool"))


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"auth": "jwt"}, r"jwt_issuer .*found None, expected an address, as auth is jwt"),
        ({"auth": "jwt", "jwt_issuer": ISSUER}, "jwt_audience .*at least one client id"),
        ({"auth": "jwt", "jwt_issuer": "http://id.example.org"}, "jwt_issuer .*https address"),
        ({"jwt_issuer": ISSUER}, "jwt_issuer .*expected nothing, as auth is not jwt"),
        ({"storage-api:jwt_audience": "page"}, "jwt_audience .*expected nothing"),
        ({"auth": "api_key"}, "auth .*found 'api_key', expected one of token, jwt, iam, none"),
    ],
)
def test_tokens_that_nobody_could_check_are_refused(context: dict[str, str], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        StorageApiSettings.from_context(context)


@pytest.mark.parametrize(("given", "reserved"), [("none", None), ("7", 7), (10, 10)])
def test_reserved_concurrency(given: object, reserved: int | None) -> None:
    settings = StorageApiSettings.from_context({"reserved_concurrency": given})
    assert settings.reserved_concurrency == reserved


@pytest.mark.parametrize("given", ["0", "-1", "many", "", 100_001, 1.5])
def test_a_concurrency_that_lambda_does_not_take(given: object) -> None:
    with pytest.raises(SettingError, match="a whole number from 1 to 100000, or none"):
        StorageApiSettings.from_context({"reserved_concurrency": given})


def test_automation_is_tagged_as_asked() -> None:
    common = AutomationSettings.from_context({}).common
    assert common.tags == {
        "project": "serverless-automation",
        "environment": "production",
        "system": "automation",
    }
    assert common.log_retention_days == 14


def test_a_stack_name_too_long_for_the_role_is_refused() -> None:
    AutomationSettings.from_context({"automation:stack_name": "a" * 44})
    with pytest.raises(SettingError, match="at most 44 characters"):
        AutomationSettings.from_context({"automation:stack_name": "a" * 45})
