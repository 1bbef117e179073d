"""Each stage is synthesized once: tests that use it carry the mark ``xdist_group("synth")``.

``dev``, ``prod`` and ``opened`` are web-app; ``each_dev`` and its like are every system in turn.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from synthesized import SYSTEMS, Synthesized, synthesize

Systems = Mapping[str, Synthesized]


@pytest.fixture(scope="session")
def dev_systems(tmp_path_factory: pytest.TempPathFactory) -> Systems:
    """Every setting at its default."""
    return synthesize(tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="session")
def prod_systems(tmp_path_factory: pytest.TempPathFactory) -> Systems:
    """As the systems would run in production, with the settings a team would change."""
    return synthesize(
        tmp_path_factory.mktemp("prod"),
        **{
            "stage": "prod",
            "alarm_emails": "on-call@example.org,owner@example.org",
            "cors_origins": "https://app.example.org,https://example.org",
            "max_capacity": "200",
            "architecture": "x86_64",
            "log_retention_days": 90,
            "web-app:domain_name": "app.example.org",
            "web-app:certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0a1b-2c3d",
            "vpc-api:account": "111122223333",
            "vpc-api:egress": "endpoints_only",
            "vpc-api:domain_name": "api.example.org",
            "vpc-api:hosted_zone": "example.org",
            "vpc-api:hosted_zone_id": "Z0123456789ABC",
            "crud-api:billing": "on_demand",
            "crud-api:response_cache": "on",
            "auth": "jwt",
            "jwt_issuer": "https://id.example.org/",
            "jwt_audience": "page,tool",
            "web-app:jwt_client_id": "site",
            "web-app:jwt_sign_in_origins": "https://login.example.org",
            "crud-api:auth": "iam",
            "crud-api:jwt_issuer": "",
            "crud-api:jwt_audience": "",
            "storage-api:reserved_concurrency": "none",
        },
    )


@pytest.fixture(scope="session")
def opened_systems(tmp_path_factory: pytest.TempPathFactory) -> Systems:
    """Without keys, as second copies, in an account whose log role is set."""
    return synthesize(
        tmp_path_factory.mktemp("opened"),
        **{f"{system}:stack_name": f"second-{system}" for system in SYSTEMS},
        **{"vpc-api:egress": "nat", "vpc-api:https_destinations": "203.0.113.0/24"},
        auth="none",
        api_account_role="existing",
        region="eu-west-1",
    )


@pytest.fixture(params=SYSTEMS)
def each_dev(request: pytest.FixtureRequest, dev_systems: Systems) -> Synthesized:
    return dev_systems[request.param]


@pytest.fixture(params=SYSTEMS)
def each_prod(request: pytest.FixtureRequest, prod_systems: Systems) -> Synthesized:
    return prod_systems[request.param]


@pytest.fixture(params=SYSTEMS)
def each_opened(request: pytest.FixtureRequest, opened_systems: Systems) -> Synthesized:
    return opened_systems[request.param]


@pytest.fixture(scope="session")
def dev(dev_systems: Systems) -> Synthesized:
    return dev_systems["web-app"]


@pytest.fixture(scope="session")
def prod(prod_systems: Systems) -> Synthesized:
    return prod_systems["web-app"]


@pytest.fixture(scope="session")
def opened(opened_systems: Systems) -> Synthesized:
    return opened_systems["web-app"]


@pytest.fixture(scope="session")
def vpc_api(dev_systems: Systems) -> Synthesized:
    return dev_systems["vpc-api"]


@pytest.fixture(scope="session")
def vpc_api_prod(prod_systems: Systems) -> Synthesized:
    return prod_systems["vpc-api"]


@pytest.fixture(scope="session")
def vpc_api_opened(opened_systems: Systems) -> Synthesized:
    return opened_systems["vpc-api"]


@pytest.fixture(scope="session")
def crud_api(dev_systems: Systems) -> Synthesized:
    return dev_systems["crud-api"]


@pytest.fixture(scope="session")
def crud_api_prod(prod_systems: Systems) -> Synthesized:
    return prod_systems["crud-api"]


@pytest.fixture(scope="session")
def automation(dev_systems: Systems) -> Synthesized:
    return dev_systems["automation"]


@pytest.fixture(scope="session")
def storage_api(dev_systems: Systems) -> Synthesized:
    return dev_systems["storage-api"]


@pytest.fixture(scope="session")
def storage_api_prod(prod_systems: Systems) -> Synthesized:
    return prod_systems["storage-api"]


@pytest.fixture(scope="session")
def storage_api_opened(opened_systems: Systems) -> Synthesized:
    return opened_systems["storage-api"]
