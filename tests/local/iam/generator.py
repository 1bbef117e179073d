"""Random requests with the policies that apply to them; the same ones for the same seed.

Some of what policies may contain is left out, because the oracle decides it otherwise than AWS
documents. "Guide" is the IAM user guide; what we do instead is tested in test_evaluation.py,
test_pattern.py and test_conditions.py.

- Wildcards in the part of an ARN that says the type of resource (``*/*``): AWS's own managed
  policies use them (``arn:aws:ec2:*:*:*/*``); the oracle takes them literally.
- A variable before the first ``/`` or ``:`` of the resource, e.g. a topic's whole name: an example
  of the guide, "Variables and tags"; the oracle splits the ARN within the variable.
- Variables in Version 2008-10-17, where they are plain text (guide, "Version").
- A session policy together with a resource policy that names the session itself or everyone: the
  session policy does not limit that grant (guide, "Policy evaluation for requests within a single
  account"); for the oracle it does.
- ForAnyValue with IfExists and a missing key: the guide has IfExists "evaluate the condition
  element as true".
- An integer compared with a date in W3C notation: integers are seconds since 1970 (guide, "Date
  condition operators"), milliseconds for the oracle.
- An IPv6 address against a single IPv4 address, where the oracle has neither IpAddress nor
  NotIpAddress hold, unlike against a range; and single IPv6 addresses, which it compares as text.
- The range 0.0.0.0/0, which holds every IPv4 address: the oracle shifts 32 bits by 32.
- ``${*}`` and ``${$}`` with StringEquals and its kin: these work "in any string where you can use
  regular policy variables" (guide, "Variables and tags"); the oracle compares with the text.
- NotResource with an ARN of fewer than six segments, or with a variable that has no value: nothing
  is documented, and the oracle says of the first that it is a guess.
- Resources of requests with a wildcard sign in their name, e.g. the key of an object: for the
  oracle such a request is about all that match.
- A request by root, whom the oracle takes for a user with policies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from cloudworthy.local.iam.request import ContextValue
from cloudworthy.local.model.identity import Principal
from local.iam.cases import Case, Document
from local.iam.vocabulary import (
    ACTIONS,
    KEYS,
    MULTIVALUED,
    OPERATORS,
    OTHER,
    OTHER_ROLE,
    OTHER_SESSION,
    OWN,
    RESOURCES,
    ROLE,
    SERVICES,
    SESSION,
    USER,
    WITHOUT_RESOURCE,
    Key,
)

_TYPE = re.compile(r"(arn:aws:s3:::|arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:[a-z-]+[/:])?)(.*)", re.DOTALL)
_SPECIAL = re.compile(r"\$\{[*?$]\}")


def cases(seed: int, count: int) -> Iterator[Case]:
    """Requests with policies, in an order that the seed decides."""
    random = Random(seed)  # noqa: S311 - not for secrets
    return (_Generator(random).case() for _ in range(count))


class _Generator:
    """One case; policies are made from the request, so that they often are about it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._service = random.choice(sorted(RESOURCES))
        self._action = f"{self._service}:{random.choice(ACTIONS[self._service])}"
        self._resource = random.choice(RESOURCES[self._service])
        if self._chance(0.05):
            self._action, self._resource = random.choice(WITHOUT_RESOURCE), "*"
        self._session_policy = False

    def case(self) -> Case:
        principal = self._principal()
        is_caller = principal.arn.startswith("arn:")
        is_session = ":assumed-role/" in principal.arn
        self._session_policy = is_session and self._chance(0.15)
        return Case(
            principal=principal,
            action=self._action,
            resource=self._resource,
            resource_account=OTHER if self._chance(0.15) else OWN,
            context=self._context(),
            identity=tuple(self._policy() for _ in range(self._random.randint(0, 3)))
            if is_caller
            else (),
            boundary=self._policy() if is_caller and self._chance(0.2) else None,
            session=self._policy() if self._session_policy else None,
            resource_policy=self._policy(of_resource=True)
            if self._resource != "*" and self._chance(0.5)
            else None,
        )

    def _principal(self) -> Principal:
        arn = self._random.choice([SESSION] * 5 + [OTHER_SESSION, USER, USER, "", *SERVICES])
        return Principal(arn, OWN if arn.startswith("arn:") else "")

    def _context(self) -> dict[str, ContextValue]:
        context: dict[str, ContextValue] = {}
        for key in KEYS:
            if self._chance(0.6):
                context[self._in_some_case(key.name)] = self._value(key)
        return context

    def _value(self, key: Key) -> ContextValue:
        if key.multivalued:
            return tuple(self._random.sample(key.values, self._random.randint(1, 3)))
        return self._random.choice(key.values)

    def _policy(self, *, of_resource: bool = False) -> Document:
        statements = [
            self._statement(index, of_resource=of_resource)
            for index in range(self._random.randint(1, 4))
        ]
        one = statements[0] if len(statements) == 1 and self._chance(0.5) else statements
        return {"Version": "2012-10-17", "Statement": one}

    def _statement(self, index: int, *, of_resource: bool) -> Document:
        effect = "Deny" if self._chance(0.2) else "Allow"
        statement: Document = {"Effect": effect}
        if self._chance(0.5):
            statement["Sid"] = f"S{index}"
        if of_resource:
            statement.update(self._principal_element(effect))
        statement.update(self._action_element())
        if not (of_resource and self._service == "sts"):
            statement.update(self._resource_element())
        if self._chance(0.5):
            statement["Condition"] = self._conditions()
        return statement

    def _action_element(self) -> Document:
        name = "NotAction" if self._chance(0.15) else "Action"
        return {name: self._one_or_more([self._action_pattern() for _ in self._few(3)])}

    def _action_pattern(self) -> str:
        service, _, action = self._action.partition(":")
        if self._chance(0.3):
            service = self._random.choice(sorted(ACTIONS))
            action = self._random.choice(ACTIONS[service])
        patterns = [f"{service}:{action}"] * 4 + [
            f"{service}:*",
            f"{service}:{action[:3]}*",
            f"{service}:*{action[-4:]}",
            f"{service}:{action[:2]}?{action[3:]}",
            f"{service}:{action[:2]}*{action[4:]}",
            f"{service}:{action}?",
            "*",
        ]
        return self._in_some_case(self._random.choice(patterns))

    def _resource_element(self) -> Document:
        name = "NotResource" if self._chance(0.15) else "Resource"
        patterns = [self._resource_pattern(negated=name == "NotResource") for _ in self._few(3)]
        return {name: self._one_or_more(patterns)}

    def _resource_pattern(self, *, negated: bool) -> str:
        source = self._resource
        if source == "*" or self._chance(0.2):
            source = self._random.choice(RESOURCES[self._random.choice(sorted(RESOURCES))])
        found = _TYPE.fullmatch(source)
        assert found is not None
        prefix, name = found.groups()
        cut = self._random.randrange(len(name))
        patterns = [source] * 3 + [
            "*",
            f"{prefix}*",
            f"{prefix}{name[:cut]}*",
            f"{prefix}*{name[cut:]}",
            f"{prefix}{name[:cut]}?{name[cut + 1 :]}",
            f"{prefix}{name[:cut]}*{name[cut + 1 :]}",
            f"{prefix}{name}*",
            self._with_wildcard_segments(source),
            self._with_wildcard_segments(f"{prefix}{name[:cut]}*"),
        ]
        if prefix.endswith((":::", "/")) or prefix.count(":") > 5:
            patterns += self._with_variables(prefix, name, with_value=negated)
        if not negated:
            segments = source.split(":")
            patterns += [":".join(segments[:3]) + ":*", "arn:aws:" + segments[2][:2] + "*"]
            patterns.append(":".join(segments[:4]))
        return self._random.choice(patterns)

    def _with_wildcard_segments(self, arn: str) -> str:
        segments = arn.split(":", 5)
        for index in (3, 4):
            if segments[index] and self._chance(0.6):
                segments[index] = self._random.choice(["*", segments[index][:2] + "*", "?" * 12])
        return ":".join(segments)

    def _with_variables(self, prefix: str, name: str, *, with_value: bool) -> Iterator[str]:
        yield prefix + name.replace("ann", "${AWS:UserName, 'ann'}")
        yield prefix + name.replace("rders", "${aws:missing, 'rders'}")
        if not with_value:
            yield prefix + name.replace("ann", "${aws:username}")
            yield prefix + name.replace("rders", "${aws:missing}")
            yield prefix + "${aws:PrincipalTag/team}*"

    def _principal_element(self, effect: str) -> Document:
        negated = self._chance(0.12) and not (effect == "Allow" and self._session_policy)
        limited = [
            {"AWS": ROLE},
            {"AWS": [OTHER_ROLE, ROLE]},
            {"AWS": OWN},
            {"AWS": f"arn:aws:iam::{OWN}:root"},
            {"AWS": [f"arn:aws:iam::{OTHER}:root"]},
            {"Service": self._random.choice(SERVICES)},
            {"Service": list(SERVICES[:2]), "AWS": [OTHER_ROLE]},
        ]
        direct: list[Any] = [
            "*",
            {"AWS": "*"},
            {"AWS": SESSION},
            {"AWS": [USER, OTHER_SESSION]},
            {"AWS": USER},
            {"AWS": [ROLE, SESSION, OWN]},
        ]
        indirect_only = effect == "Allow" and self._session_policy
        choices = limited if indirect_only else limited + direct
        return {"NotPrincipal" if negated else "Principal": self._random.choice(choices)}

    def _conditions(self) -> Document:
        conditions: Document = {}
        for _ in self._few(3):
            key = self._random.choice(MULTIVALUED if self._chance(0.25) else KEYS)
            operator = self._operator(key)
            values: Any = self._one_or_more(self._condition_values(key, operator))
            if operator == "Null":
                values = self._random.choice(["true", "false", True, False, ["false"]])
                values = str(values).lower() if isinstance(values, bool) else values
            conditions.setdefault(operator, {})[self._in_some_case(key.name)] = values
        return conditions

    def _operator(self, key: Key) -> str:
        if self._chance(0.12):
            return "Null"
        operator = self._random.choice(OPERATORS[key.family])
        if self._chance(0.8 if key.multivalued else 0.1):
            quantifier = self._random.choice(["ForAllValues", "ForAnyValue"])
            if_exists = quantifier == "ForAllValues" and self._chance(0.2)
            return f"{quantifier}:{operator}{'IfExists' if if_exists else ''}"
        return f"{operator}IfExists" if self._chance(0.2) else operator

    def _condition_values(self, key: Key, operator: str) -> list[str]:
        values = list(key.values + key.patterns)
        if operator.endswith(("IpAddress", "IpAddressIfExists")):
            values = [value for value in values if "/" in value]
            if key.name == "aws:SourceIp":
                values += key.values
        if "Equals" in operator:
            values = [value for value in values if not _SPECIAL.search(value)]
        return list(dict.fromkeys(self._random.choice(values) for _ in self._few(3)))

    def _few(self, most: int) -> range:
        return range(self._random.choices(range(1, most + 1), [6, 2, 1][:most])[0])

    def _one_or_more(self, values: Sequence[str]) -> str | list[str]:
        return values[0] if len(values) == 1 and self._chance(0.5) else list(values)

    def _in_some_case(self, text: str) -> str:
        return text.swapcase() if self._chance(0.1) else text

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability
