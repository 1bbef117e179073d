"""Policy documents as types: parsed, checked, and nothing else.

Source: IAM user guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy
language" (documented).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

from cloudworthy.local.iam.operators import Operator, parse_operator
from cloudworthy.local.iam.pattern import is_everything
from cloudworthy.local.model.errors import TemplateError

CURRENT_VERSION = "2012-10-17"
FIRST_VERSION = "2008-10-17"

_POLICY_ELEMENTS = {"Version", "Id", "Statement"}
_STATEMENT_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+")


class MalformedPolicyDocumentError(TemplateError):
    """A policy that AWS would not take."""


class Effect(enum.Enum):
    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """One of those a statement of a resource policy is about."""

    type: str
    """``AWS``, ``Service``, ``Federated`` or ``CanonicalUser``."""
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its opposite: ``Action`` and ``NotAction``, for example."""

    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    entries: tuple[PrincipalEntry, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    operator: Operator
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    index: int
    sid: str
    effect: Effect
    action: Element
    resource: Element | None
    principal: PrincipalElement | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    version: str
    policy_id: str
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """Whether ``${...}`` means anything.

        Source: IAM user guide, "IAM JSON policy elements: Version" (documented): not in the
        version of 2008, which is also the one of a policy that names none.
        """
        return self.version == CURRENT_VERSION


def parse_policy(document: object, *, name: str, logical_id: str = "") -> Policy:
    """Read a policy document in which intrinsic functions are resolved.

    Parameters
    ----------
    document
        The object or what else stands in its place.
    name
        What the policy is called; errors and evaluations name it.
    logical_id
        The resource it stands in, for errors.

    Raises
    ------
    MalformedPolicyDocumentError
        AWS would refuse the document.
    """
    return _Reader(name, logical_id).policy(document)


class _Reader:
    def __init__(self, name: str, logical_id: str) -> None:
        self._name = name
        self._logical_id = logical_id

    def policy(self, document: object) -> Policy:
        policy = self._mapping("", document, _POLICY_ELEMENTS)
        version = policy.get("Version", FIRST_VERSION)
        if version not in (CURRENT_VERSION, FIRST_VERSION):
            self._fail("Version", version, f"{CURRENT_VERSION} or {FIRST_VERSION}")
        written = policy.get("Statement")
        listed = written if isinstance(written, list) else [written]
        if not listed:
            self._fail("Statement", written, "at least one statement")
        statements = tuple(self._statement(i, one) for i, one in enumerate(listed))
        self._check_sids(statements)
        policy_id = self._text("Id", policy.get("Id", ""))
        return Policy(self._name, str(version), policy_id, statements)

    def _statement(self, index: int, written: object) -> Statement:
        where = f"Statement[{index}]"
        statement = self._mapping(where, written, _STATEMENT_ELEMENTS)
        effect = statement.get("Effect")
        if effect not in ("Allow", "Deny"):
            self._fail(f"{where}.Effect", effect, "Allow or Deny")
        action = self._element(where, statement, "Action")
        if action is None:
            self._fail(where, sorted(statement), "Action or NotAction")
        for value in action.values:
            self._check_action(where, value)
        resource = self._element(where, statement, "Resource")
        for value in resource.values if resource else ():
            self._check_resource(where, value)
        return Statement(
            index=index,
            sid=self._text(f"{where}.Sid", statement.get("Sid", "")),
            effect=Effect(effect),
            action=action,
            resource=resource,
            principal=self._principal(where, statement),
            conditions=self._conditions(where, statement.get("Condition", {})),
        )

    def _element(self, where: str, statement: Mapping[str, object], name: str) -> Element | None:
        chosen = self._one_of(where, statement, name)
        if chosen is None:
            return None
        values = self._texts(f"{where}.{chosen}", statement[chosen])
        return Element(values, negated=chosen.startswith("Not"))

    def _principal(self, where: str, statement: Mapping[str, object]) -> PrincipalElement | None:
        chosen = self._one_of(where, statement, "Principal")
        if chosen is None:
            return None
        place = f"{where}.{chosen}"
        written = statement[chosen]
        by_type = {"AWS": "*"} if written == "*" else written
        types = self._mapping(place, by_type, set(_PRINCIPAL_TYPES))
        entries = tuple(
            PrincipalEntry(type_, value)
            for type_, values in types.items()
            for value in self._texts(f"{place}.{type_}", values)
        )
        if not entries:
            self._fail(place, written, '"*" or a principal')
        for entry in entries:
            if entry.type == "AWS" and "*" in entry.value and not is_everything(entry.value):
                self._fail(place, entry.value, "a whole ARN, an account, or *")
        return PrincipalElement(entries, negated=chosen == "NotPrincipal")

    def _conditions(self, where: str, written: object) -> tuple[Condition, ...]:
        place = f"{where}.Condition"
        conditions = []
        for operator_name, keys in self._mapping(place, written).items():
            operator = parse_operator(operator_name)
            if operator is None:
                self._fail(place, operator_name, "a condition operator of IAM")
            for key, values in self._mapping(f"{place}.{operator_name}", keys).items():
                texts = self._values(f"{place}.{operator_name}.{key}", values)
                conditions.append(Condition(operator, key.lower(), texts))
        return tuple(conditions)

    def _one_of(self, where: str, statement: Mapping[str, object], name: str) -> str | None:
        present = [element for element in (name, f"Not{name}") if element in statement]
        if len(present) > 1:
            self._fail(where, " and ".join(present), "only one of the two")
        return present[0] if present else None

    def _check_action(self, where: str, value: str) -> None:
        if not is_everything(value) and not _ACTION.fullmatch(value):
            self._fail(f"{where}.Action", value, "service:Action or *")

    def _check_resource(self, where: str, value: str) -> None:
        if not is_everything(value) and not value.startswith("arn:"):
            self._fail(f"{where}.Resource", value, "an ARN or *")

    def _check_sids(self, statements: tuple[Statement, ...]) -> None:
        sids = [statement.sid for statement in statements if statement.sid]
        for sid in sids:
            if sids.count(sid) > 1:
                self._fail("Statement", f"the Sid {sid} twice", "a Sid of its own for each")

    def _mapping(
        self, where: str, value: object, allowed: set[str] | None = None
    ) -> Mapping[str, object]:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            self._fail(where, value, "an object")
        for key in value:
            if allowed is not None and key not in allowed:
                self._fail(where, f"the element {key}", ", ".join(sorted(allowed)))
        return cast("Mapping[str, object]", value)

    def _texts(self, where: str, value: object) -> tuple[str, ...]:
        listed = value if isinstance(value, list) else [value]
        if not listed:
            self._fail(where, value, "at least one value")
        return tuple(self._text(where, one) for one in listed)

    def _text(self, where: str, value: object) -> str:
        if not isinstance(value, str):
            self._fail(where, value, "a text")
        return value

    def _values(self, where: str, value: object) -> tuple[str, ...]:
        """Values of a condition: texts, or JSON's own booleans and numbers."""
        listed = value if isinstance(value, list) else [value]
        texts = []
        for one in listed:
            if isinstance(one, bool):
                texts.append("true" if one else "false")
            elif isinstance(one, int | float):
                texts.append(str(one))
            else:
                texts.append(self._text(where, one))
        return tuple(texts)

    def _fail(self, where: str, found: object, expected: str) -> NoReturn:
        raise MalformedPolicyDocumentError(
            f"{self._name}.{where}" if where else self._name,
            self._logical_id,
            found=_shown(found),
            expected=expected,
            action="Correct the policy",
        )


def _shown(found: object) -> str:
    if found is None:
        return "nothing"
    text = str(found)
    return text if len(text) <= 80 else f"{text[:77]}..."
