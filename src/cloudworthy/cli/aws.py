"""Clients of the running stack's AWS endpoint, for the person at the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config


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
        aws_access_key_id="cloudworthy",
        aws_secret_access_key="cloudworthy",  # noqa: S106 - any key is the person at the machine
        config=Config(read_timeout=read_timeout_s, retries={"total_max_attempts": 1}),
    )
