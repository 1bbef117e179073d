"""Clients of the running stack's AWS endpoint, for the person at the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config

from cloudworthy.local.model.identity import OWN_ACCESS_KEY


def client(
    service: str,
    address: Mapping[str, Any],
    *,
    read_timeout_s: float = 60,
) -> Any:  # noqa: ANN401 - botocore makes clients at run time
    """A client that tries once; ``address`` is what the runtime published."""
    return botocore.session.Session().create_client(
        service,
        endpoint_url=address["endpoint"],
        region_name=address["region"],
        aws_access_key_id=OWN_ACCESS_KEY,
        aws_secret_access_key=OWN_ACCESS_KEY,
        config=Config(read_timeout=read_timeout_s, retries={"total_max_attempts": 1}),
    )
