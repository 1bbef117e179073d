"""The systems of the app, each under its name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aws_cdk import App, Stack

from cloudworthy.blueprints.web_app import WebAppStack
from cloudworthy.blueprints.web_app_settings import WebAppSettings

Context = Mapping[str, object]


def _web_app(app: App, project: Path, context: Context) -> Stack:
    return WebAppStack(app, project, WebAppSettings.from_context(context))


SYSTEMS: Final[Mapping[str, Callable[[App, Path, Context], Stack]]] = {"web-app": _web_app}


def add_systems(app: App, project: Path) -> None:
    """Add the stack of every system; `project` holds services/ and web/."""
    context = app.node.get_all_context()
    for build in SYSTEMS.values():
        build(app, project, context)
