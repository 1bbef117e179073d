"""Settings of vpc-api: defaults, and errors that say what to do."""

from __future__ import annotations

import pytest

from cloudworthy.blueprints.vpc_api_settings import VpcApiSettings
from cloudworthy.constructs.network import Egress
from cloudworthy.constructs.settings import SettingError

DOMAIN = {
    "domain_name": "api.example.org",
    "hosted_zone": "example.org",
    "hosted_zone_id": "Z0123456789ABC",
}


def test_defaults() -> None:
    settings = VpcApiSettings.from_context({})
    assert settings.common.region == "us-west-2"
    assert settings.common.account is None
    assert settings.egress is Egress.NAT_PER_AZ
    assert (settings.capacity.minimum, settings.capacity.maximum) == (5, 50)
    assert settings.vpc_cidr == "10.0.0.0/16"
    assert settings.dynamodb_prefix_list == "pl-00a54069"
    assert settings.https_destinations == ()
    assert settings.domain is None


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("egress", "internet", "one of nat_per_az, nat, endpoints_only"),
        ("vpc_cidr", "10.0.0.0/8", "a network of /16 to /22"),
        ("vpc_cidr", "10.0.0.0/24", "a network of /16 to /22"),
        ("vpc_cidr", "10.0.0.1/16", "a network of /16 to /22"),
        ("vpc_cidr", "10.0.0.300/16", "a network of /16 to /22"),
        ("https_destinations", "0.0.0.0", "a list of networks such as 203.0.113.0/24"),
        ("https_destinations", "10.0.0.1/8", "a list of networks such as 203.0.113.0/24"),
        ("dynamodb_prefix_list", "pl-x", "the id of the prefix list com.amazonaws.us-west-2"),
        ("account", "1234", "the 12 digits of an AWS account"),
        ("environment", "", "1 to 128 letters"),
        ("max_capacity", 4, "at least min_capacity (5)"),
    ],
)
def test_an_error_names_the_setting_what_was_given_and_what_is_allowed(
    name: str, given: object, expected: str
) -> None:
    with pytest.raises(SettingError) as caught:
        VpcApiSettings.from_context({name: given})
    message = str(caught.value)
    assert message.startswith(f"setting {name} (vpc-api): found {given!r}, expected {expected}")


def test_a_region_whose_prefix_list_is_not_known_needs_it_as_a_setting() -> None:
    elsewhere = {"region": "ap-southeast-5"}
    with pytest.raises(SettingError, match=r"setting dynamodb_prefix_list .*ap-southeast-5"):
        VpcApiSettings.from_context(elsewhere)
    known = VpcApiSettings.from_context(
        {**elsewhere, "dynamodb_prefix_list": "pl-0123456789abcdef0"}
    )
    assert known.dynamodb_prefix_list == "pl-0123456789abcdef0"


def test_a_domain_needs_its_zone_and_the_zone_its_id() -> None:
    settings = VpcApiSettings.from_context(DOMAIN)
    assert settings.domain is not None
    for missing in DOMAIN:
        partial = {name: value for name, value in DOMAIN.items() if name != missing}
        with pytest.raises(SettingError, match=f"setting {missing} "):
            VpcApiSettings.from_context(partial)


def test_a_domain_lies_in_its_zone() -> None:
    for wrong in ("api.example.com", "notexample.org"):
        with pytest.raises(SettingError, match=r"a name in example\.org"):
            VpcApiSettings.from_context({**DOMAIN, "domain_name": wrong})
    apex = VpcApiSettings.from_context({**DOMAIN, "domain_name": "example.org"})
    assert apex.domain is not None
