"""Secrets and parameters that a template refers to, read from the services engine."""

from __future__ import annotations

import json

from cloudworthy.local.provision.engines import Engines


class EngineValues:
    """Answers dynamic references and SSM parameter types."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def secret(self, secret_id: str, *, json_key: str, version_stage: str, version_id: str) -> str:
        version = {}
        if version_id:
            version["VersionId"] = version_id
        elif version_stage:
            version["VersionStage"] = version_stage
        client = self._engines.client("secretsmanager")
        text = str(client.get_secret_value(SecretId=secret_id, **version)["SecretString"])
        return str(json.loads(text)[json_key]) if json_key else text

    def parameter(self, name: str, *, version: str = "") -> str:
        wanted = f"{name}:{version}" if version else name
        client = self._engines.client("ssm")
        try:
            found = client.get_parameter(Name=wanted, WithDecryption=True)["Parameter"]
        except client.exceptions.ParameterNotFound as error:
            raise LookupError(f"the SSM parameter {wanted} does not exist") from error
        return str(found["Value"])
