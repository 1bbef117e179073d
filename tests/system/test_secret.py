"""``cloudworthy secret``: how a person at the machine gets the token of storage-api."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from running_system import CLOUDWORTHY, RunningSystem, start_system


def secret(system: RunningSystem, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(CLOUDWORTHY), "secret", *arguments, "--state", str(system.state.parent)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_token_lets_a_request_in(tmp_path: Path) -> None:
    with start_system(tmp_path, "storage-api") as system:
        value = json.loads(secret(system).stdout)
        token = secret(system, "--key", "token").stdout.strip()
        assert value == {"token": token}
        url = system.address["outputs"]["ApiEndpoint"].rstrip("/")
        for sent, status in ((token, 200), (token[:-1], 403)):
            headers = {"authorization": f"Bearer {sent}"}
            answer = system.request("GET", "/api/data", headers=headers, key=False, base=url)
            assert answer.status == status, answer.data
        assert f"cloudworthy secret --stack {system.address['stack']}" in system.log.read_text()
        assert token not in system.log.read_text()

        (logical_id,) = system.address["secrets"]
        assert secret(system, logical_id, "--key", "token").stdout.strip() == token
        unknown = secret(system, "Nothing")
        assert unknown.returncode == 1
        assert f"Give one of: {logical_id}" in unknown.stderr
        no_member = secret(system, "--key", "nothing")
        assert "--key: found no member nothing. Known: token." in no_member.stderr
