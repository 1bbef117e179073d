"""The Lambda layer that holds a service's dependencies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import aws_lambda
from constructs import Construct

from cloudworthy.constructs.layer_build import LayerSource, build_layer
from cloudworthy.constructs.service_function import RUNTIME


@dataclass(frozen=True)
class DependencyLayerProps:
    """A lock to build from, and where built layers are kept."""

    lock: Path
    architecture: aws_lambda.Architecture
    cache: Path


class DependencyLayer(Construct):
    """A layer built from pinned wheels for the deployed runtime and processor."""

    def __init__(self, scope: Construct, construct_id: str, props: DependencyLayerProps) -> None:
        super().__init__(scope, construct_id)
        source = LayerSource(
            lock=props.lock,
            python_version=RUNTIME.name.removeprefix("python"),
            architecture=props.architecture.name,
        )
        self.layer: Final = aws_lambda.LayerVersion(
            self,
            "Layer",
            description="Pinned dependencies of the services",
            code=aws_lambda.Code.from_asset(str(build_layer(source, props.cache))),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[props.architecture],
        )
