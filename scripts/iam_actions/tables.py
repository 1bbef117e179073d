"""Per service: how its requests are told apart, and which actions they need on what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import OperationModel, ServiceModel
from botocore.session import Session
from scripts.iam_actions.identities import IDENTITIES
from scripts.iam_actions.irregular import IRREGULAR, PASSED_ROLES, Rule, rule

# botocore's services by the name that requests are signed for.
SERVICES = {
    "apigateway": ("apigateway", "apigatewayv2"),
    "cloudformation": ("cloudformation",),
    "cognito-idp": ("cognito-idp",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "events": ("events",),
    "execute-api": ("apigatewaymanagementapi",),
    "iam": ("iam",),
    "kms": ("kms",),
    "lambda": ("lambda",),
    "logs": ("logs",),
    "monitoring": ("cloudwatch",),
    "s3": ("s3",),
    "scheduler": ("scheduler",),
    "secretsmanager": ("secretsmanager",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "states": ("stepfunctions",),
    "sts": ("sts",),
    "xray": ("xray",),
}
_PREFIX_OF = {"monitoring": "cloudwatch"}
# No policy is asked: what they do is open to every caller, or to whoever has a token.
_OPEN = {"sts": {"GetCallerIdentity", "GetSessionToken"}}
# What browsers send: an upload by a form, and the question whether a request will be allowed.
_FORMS: list[list[Any]] = [
    ["POST", "/{Bucket}", [], "PostObject"],
    ["OPTIONS", "/{Bucket}", [], "OPTIONS"],
    ["OPTIONS", "/{Bucket}/{Key+}", [], "OPTIONS"],
]
_PLACES = re.compile(r"\{([^{}]+)\}")
_VARIABLES = re.compile(r"\$\{(\w+)\}")
_SURROUNDINGS = frozenset({"partition", "region", "account"})


@cache
def model_of(service: str) -> ServiceModel:
    return Session().get_service_model(service)


def table_of(signing_name: str, reference: Mapping[str, Any]) -> dict[str, Any]:
    """What the runtime reads for the requests signed for a service."""
    prefix = _PREFIX_OF.get(signing_name, signing_name)
    models = [model_of(service) for service in SERVICES[signing_name]]
    facts = reference.get(prefix, {"actions": {}, "arns": {}})
    operations = {
        name: _rules(signing_name, prefix, operation, facts) + _passing(prefix, name)
        for model in models
        for name, operation in _operations(model)
    }
    operations |= {
        name: rules for name, rules in IRREGULAR.get(prefix, {}).items() if name not in operations
    }
    targets = [m.metadata["targetPrefix"] for m in models if "targetPrefix" in m.metadata]
    table: dict[str, Any] = {"operations": operations}
    if targets:
        table["targets"] = targets
    routes = [route for model in models for route in _routes(model)]
    routes += _FORMS if signing_name == "s3" else []
    if routes:
        table["routes"] = routes
    return table


def _operations(model: ServiceModel) -> Iterator[tuple[str, OperationModel]]:
    for name in sorted(model.operation_names):
        yield name, model.operation_model(name)


def _rules(
    signing_name: str, prefix: str, operation: OperationModel, facts: Mapping[str, Any]
) -> list[Rule]:
    name = operation.name
    irregular = IRREGULAR.get(prefix, {}).get(name)
    if irregular is not None:
        return irregular
    if operation.auth_type == "none" or name in _OPEN.get(prefix, set()):
        return []
    if signing_name == "apigateway":
        # Source: API Gateway developer guide, "How API Gateway works with IAM": the action is
        # the request's method, the resource its path.
        path = "arn:{partition}:apigateway:{region}::{request.path}"
        return [rule(f"apigateway:{operation.http['method']}", path)]
    kinds = facts["actions"].get(name, {})
    found = [(kind, text) for kind in kinds for text in _resources(prefix, kind, operation, facts)]
    # What names more of the resource names a part of it, e.g. an index of a table.
    alternatives = sorted(dict.fromkeys(text for _, text in found), key=lambda t: -len(_places(t)))
    return [rule(f"{prefix}:{name}", *alternatives)]


def _passing(prefix: str, name: str) -> list[Rule]:
    """Source: IAM user guide, "Grant a user permissions to pass a role" (documented)."""
    role = PASSED_ROLES.get((prefix, name))
    if role is None:
        return []
    return [rule("iam:PassRole", f"{{{role}!role}}", when=f"{role}!role")]


def _resources(
    prefix: str, kind: str, operation: OperationModel, facts: Mapping[str, Any]
) -> Iterator[str]:
    """The ways in which a request of the operation can name a resource of that kind."""
    members = _wire_names(operation)
    kind = kind.lower()
    chosen = IDENTITIES.get((prefix, kind))
    if chosen is None:
        chosen = _by_name(kind, facts["arns"].get(kind, ""), members)
    for text in chosen:
        places = _places(text)
        if all(_member(place) in members for place in places):
            yield _PLACES.sub(lambda place: _placed(place[1], members), text)


def _by_name(kind: str, arn: str, members: Mapping[str, str]) -> tuple[str, ...]:
    """An ARN with the members that are called as its variables; or the member that holds it."""
    wanted = re.sub(r"[^a-z]", "", kind.lower())
    whole = tuple(
        f"{{{member}}}"
        for member in members
        if re.fullmatch(rf"({wanted}|resource)(arn|identifier)", member.lower())
    )
    lower = {member.lower(): member for member in members}
    surroundings = {"Partition": "partition", "Region": "region", "Account": "account"}
    text = arn
    for variable in _VARIABLES.findall(arn):
        name = variable.removesuffix("WithPath").removesuffix("WithoutLeadingSlash").lower()
        near = (name, f"{wanted}{name}", f"{wanted}name", f"{wanted}id")
        member = next((lower[n] for n in near if n in lower), None)
        place = surroundings.get(variable) or member
        if place is None:
            return whole
        text = text.replace(f"${{{variable}}}", f"{{{place}}}")
    return (*whole, text) if text else whole


def _places(text: str) -> list[str]:
    return [place for place in _PLACES.findall(text) if place not in _SURROUNDINGS]


def _member(place: str) -> str:
    return re.split(r"[!|\[{.]", place)[0]


def _placed(place: str, members: Mapping[str, str]) -> str:
    member = _member(place)
    return "{" + members.get(member, member) + place[len(member) :] + "}"


def _wire_names(operation: OperationModel) -> dict[str, str]:
    """The input's members, and how a request carries them: ``?`` in the query, ``@`` a header."""
    shape = operation.input_shape
    signs = {"querystring": "?", "header": "@", "headers": "@"}
    if shape is None:
        return {}
    return {
        name: signs.get(member.serialization.get("location", ""), "")
        + member.serialization.get("name", name)
        for name, member in shape.members.items()
    }


def _routes(model: ServiceModel) -> Iterator[list[Any]]:
    if not model.metadata["protocol"].startswith("rest"):
        return
    for name, operation in _operations(model):
        if operation.deprecated and f"{name}Configuration" in model.operation_names:
            continue
        path, _, constants = operation.http["requestUri"].partition("?")
        needed = [field for field in constants.split("&") if field]
        shape = operation.input_shape
        members = shape.members if shape is not None else {}
        for member in shape.required_members if shape is not None else ():
            place = members[member].serialization
            if place.get("location") == "querystring":
                needed.append(place["name"] + "=*")
            elif place.get("location") == "header":
                needed.append("@" + place["name"].lower())
        yield [operation.http["method"], path, sorted(needed), name]
