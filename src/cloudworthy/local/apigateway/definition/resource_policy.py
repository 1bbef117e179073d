"""``AWS::ApiGateway::RestApi.Policy``: who may call an API, whatever its methods ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.resources import TemplateValue

_OPERATORS = frozenset(
    {
        "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Bool", "IpAddress",
        "NotIpAddress", "Null", "StringEquals", "StringEqualsIgnoreCase", "StringLike",
        "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike",
    }
)  # fmt: skip
_CONDITION_KEYS = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:referer", "aws:securetransport",
        "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:useragent", "aws:vpcsourceip",
    }
)  # fmt: skip
_SHORT = "execute-api:/"
_ELEMENTS = "Action Condition Effect Principal Resource Sid"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a statement's ``Condition``; any one of the values is enough."""

    operator: str
    key: str
    """In lower case."""
    values: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """One statement; ``resources`` are whole ARNs, ``actions`` in lower case."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    """ARNs and account numbers; ``*`` is anybody."""
    conditions: tuple[Condition, ...] = ()


def build_resource_policy(api: Properties, api_arn: str) -> tuple[PolicyStatement, ...] | None:
    """The policy of an API; None when it has none.

    ``api_arn`` is ``arn:aws:execute-api:<region>:<account>:<api>``, for which ``execute-api:``
    stands at the beginning of a resource.

    Raises
    ------
    UnsupportedError, TemplateError
        An element, operator or key that is not evaluated here.

    Source: Amazon API Gateway developer guide, "Control access to a REST API with API Gateway
    resource policies" (documented).
    """
    document = api.document("Policy")
    if document is None:
        return None
    return tuple(_statement(each, api_arn) for each in document.children("Statement"))


def _statement(statement: Properties, api_arn: str) -> PolicyStatement:
    statement.allow_only(_ELEMENTS)
    effect = statement.text("Effect")
    if effect not in ("Allow", "Deny"):
        raise statement.invalid(
            "Effect", found=repr(effect), expected="Allow or Deny", action="Correct the statement"
        )
    return PolicyStatement(
        effect=effect,
        actions=tuple(action.lower() for action in _texts(statement, "Action")),
        resources=tuple(_whole(resource, api_arn) for resource in _texts(statement, "Resource")),
        principals=_principals(statement),
        conditions=tuple(_conditions(statement)),
    )


def _texts(statement: Properties, name: str) -> list[str]:
    texts = [str(value) for value in _list(statement.value(name))]
    if not texts:
        raise statement.invalid(
            name, found="nothing", expected="one or more", action="Complete the statement"
        )
    return texts


def _whole(resource: str, api_arn: str) -> str:
    """``execute-api:/stage/GET/path`` is short for the ARN in this API."""
    if resource.startswith(_SHORT):
        return f"{api_arn}/{resource.removeprefix(_SHORT)}"
    return resource


def _principals(statement: Properties) -> tuple[str, ...]:
    """Services and identity providers call no API, so only AWS's own principals count."""
    principal = statement.value("Principal")
    if isinstance(principal, Mapping):
        return tuple(str(value) for value in _list(principal.get("AWS")))
    return tuple(_texts(statement, "Principal"))


def _conditions(statement: Properties) -> list[Condition]:
    conditions = []
    for name, keys in statement.mapping("Condition").items():
        operator = name.removesuffix("IfExists")
        if operator not in _OPERATORS:
            raise statement.unsupported(
                "Condition", found=name, supported=f"one of {', '.join(sorted(_OPERATORS))}"
            )
        for key, values in keys.items():
            if key.lower() not in _CONDITION_KEYS:
                supported = f"one of {', '.join(sorted(_CONDITION_KEYS))}"
                raise statement.unsupported("Condition", found=key, supported=supported)
            texts = tuple(_text(value) for value in _list(values))
            conditions.append(Condition(operator, key.lower(), texts, operator != name))
    return conditions


def _text(value: TemplateValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(value: TemplateValue) -> list[TemplateValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
