"""Each stage is synthesized once: tests that use it carry the mark ``xdist_group("synth")``."""

from __future__ import annotations

import pytest

from synthesized import Synthesized, synthesize


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """web-app with every setting at its default."""
    return synthesize(tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """web-app as it would run in production, with the settings a team would change."""
    return synthesize(
        tmp_path_factory.mktemp("prod"),
        **{
            "stage": "prod",
            "web-app:alarm_emails": "on-call@example.org,owner@example.org",
            "cors_origins": "https://app.example.org,https://example.org",
            "domain_name": "app.example.org",
            "certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0a1b-2c3d",
            "max_capacity": "200",
            "architecture": "x86_64",
            "log_retention_days": 90,
        },
    )


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """web-app without keys, as a second copy, in an account whose log role is set."""
    return synthesize(
        tmp_path_factory.mktemp("opened"),
        auth="none",
        stack_name="second-copy",
        api_account_role="existing",
        region="eu-west-1",
    )
