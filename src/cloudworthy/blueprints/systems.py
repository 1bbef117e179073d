"""The systems of the app, each under its name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aws_cdk import App

from cloudworthy.blueprints.automation import AutomationStack
from cloudworthy.blueprints.automation_settings import AutomationSettings
from cloudworthy.blueprints.crud_api import CrudApiStack
from cloudworthy.blueprints.crud_api_settings import CrudApiSettings
from cloudworthy.blueprints.storage_api import StorageApiStack
from cloudworthy.blueprints.storage_api_settings import StorageApiSettings
from cloudworthy.blueprints.system_stack import SystemStack
from cloudworthy.blueprints.vpc_api import VpcApiStack
from cloudworthy.blueprints.vpc_api_settings import VpcApiSettings
from cloudworthy.blueprints.web_app import WebAppStack
from cloudworthy.blueprints.web_app_settings import WebAppSettings
from cloudworthy.constructs.settings import setting_error

Context = Mapping[str, object]


def _web_app(app: App, project: Path, context: Context) -> SystemStack:
    return WebAppStack(app, project, WebAppSettings.from_context(context))


def _vpc_api(app: App, project: Path, context: Context) -> SystemStack:
    return VpcApiStack(app, project, VpcApiSettings.from_context(context))


def _crud_api(app: App, project: Path, context: Context) -> SystemStack:
    return CrudApiStack(app, project, CrudApiSettings.from_context(context))


def _automation(app: App, project: Path, context: Context) -> SystemStack:
    return AutomationStack(app, project, AutomationSettings.from_context(context))


def _storage_api(app: App, project: Path, context: Context) -> SystemStack:
    return StorageApiStack(app, project, StorageApiSettings.from_context(context))


SYSTEMS: Final[Mapping[str, Callable[[App, Path, Context], SystemStack]]] = {
    "web-app": _web_app,
    "vpc-api": _vpc_api,
    "crud-api": _crud_api,
    "automation": _automation,
    "storage-api": _storage_api,
}


def add_systems(app: App, project: Path) -> None:
    """Add the stack of every system; `project` holds services/ and web/.

    Raises
    ------
    SettingError
        A setting is not allowed, or two stacks of one region would have the same name.
    """
    context = app.node.get_all_context()
    names: dict[tuple[str, str], str] = {}
    for system, build in SYSTEMS.items():
        stack = build(app, project, context)
        other = names.setdefault((stack.common.region, stack.stack_name), system)
        if other != system:
            raise setting_error(
                system, "stack_name", stack.stack_name, f"another name than that of {other}"
            )
