"""What the functions of a synthesized template may do, in figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloudworthy.blueprints.unused_permissions import UNUSED, Reasons

_INTRODUCTION = """\
## What each function may do

Every function has a role of its own. A permission is one action on one resource of an Allow
statement. After the acceptance tests of a system, under `--iam enforce`, no call was refused and
every permission was used by a call, but for those that an AWS service uses in the function's
name. These are listed below with their reasons; the tests fail when one more is unused, and when
one of these is used by a call after all:

```sh
python -m pytest tests/acceptance
```

`cloudworthy iam` tells the same of any stack that runs, and the smallest policy that covers what
it has seen.
"""

_OTHER_ROLES = """\
The roles of API Gateway's and the VPC's logs are used by those services, and those of the CDK's own
functions while CloudFormation deploys or deletes a stack: no test of a running system can use
them. `cloudworthy check` looks at what they may do.
"""

Template = Mapping[str, Any]


@dataclass(frozen=True)
class FunctionPermissions:
    """One row: a function by the path of its construct."""

    path: str
    statements: int
    permissions: int
    unused: int


def function_permissions(template: Template) -> list[FunctionPermissions]:
    """What each function of a system may do; not those that the CDK adds by itself."""
    resources = template["Resources"]
    found = []
    for resource in resources.values():
        path = str(resource.get("Metadata", {}).get("aws:cdk:path", ""))
        if resource["Type"] == "AWS::Lambda::Function" and "/Custom::" not in path:
            (role, _) = resource["Properties"]["Role"]["Fn::GetAtt"]
            found.append(_of_role(path.removesuffix("/Function/Resource"), resources, role))
    return found


def as_section(templates: Iterable[Template]) -> str:
    """A table of all functions, and what no call of theirs uses, by reason."""
    rows = sorted(
        (it for template in templates for it in function_permissions(template)),
        key=lambda it: it.path,
    )
    parts = [_INTRODUCTION, _table(rows), "Used in the function's name, and why:\n"]
    for reason, permissions in sorted(_by_reason(rows).items()):
        lines = [
            f"- {_functions(paths, rows)}: `{permission}`"
            for permission, paths in sorted(permissions.items())
        ]
        parts.append(f"**{reason}**\n\n" + "\n".join(lines) + "\n")
    return "\n".join((*parts, _OTHER_ROLES))


def _table(rows: list[FunctionPermissions]) -> str:
    lines = ["| function | statements | permissions | used by its calls | used in its name |"]
    lines.append("|---|---|---|---|---|")
    for it in [*rows, _total(rows)]:
        used = it.permissions - it.unused
        lines.append(f"| {it.path} | {it.statements} | {it.permissions} | {used} | {it.unused} |")
    return "\n".join(lines) + "\n"


def _total(rows: list[FunctionPermissions]) -> FunctionPermissions:
    return FunctionPermissions(
        f"all {len(rows)}",
        sum(it.statements for it in rows),
        sum(it.permissions for it in rows),
        sum(it.unused for it in rows),
    )


def _by_reason(rows: Iterable[FunctionPermissions]) -> dict[str, dict[str, list[str]]]:
    """The functions that have a permission for a reason; each one's log is ``Logs``."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        place = row.path.partition("/")[2]
        for permission, reason in _unused(row.path).items():
            text = permission.replace(f" on {place}/", " on ")
            found.setdefault(reason, {}).setdefault(text, []).append(row.path)
    return found


def _functions(paths: list[str], rows: list[FunctionPermissions]) -> str:
    return "every function" if len(paths) == len(rows) else ", ".join(f"`{it}`" for it in paths)


def _of_role(path: str, resources: Mapping[str, Any], role: str) -> FunctionPermissions:
    policies = (it["Properties"] for it in resources.values() if it["Type"] == "AWS::IAM::Policy")
    own = (it["PolicyDocument"]["Statement"] for it in policies if {"Ref": role} in it["Roles"])
    statements = [statement for document in own for statement in document]
    permissions = sum(_size(it) for it in statements if it["Effect"] == "Allow")
    return FunctionPermissions(path, len(statements), permissions, len(_unused(path)))


def _unused(path: str) -> Reasons:
    system, _, place = path.partition("/")
    return UNUSED[system][place]


def _size(statement: Mapping[str, Any]) -> int:
    """How many permissions a statement is."""
    parts = (statement[name] for name in ("Action", "Resource"))
    actions, resources = (len(it) if isinstance(it, list) else 1 for it in parts)
    return actions * resources
