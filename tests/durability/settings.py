"""What is written seldom and read often: secrets, parameters, rules, schedules, subscriptions."""

from __future__ import annotations

import random
import uuid
from typing import Any

from durability.app import QUEUE, TOPIC
from durability.ledger import Ledger, expect_none, pages
from durability.world import World

_TOPIC_ARN = f"arn:aws:sns:us-east-1:000000000000:{TOPIC}"
_TARGET = f"arn:aws:sqs:us-east-1:000000000000:{QUEUE}"
_ROLE = "arn:aws:iam::000000000000:role/any"


class Secrets:
    """New secrets and new values; each secret keeps its last two values with their stages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ledger = Ledger()

    def step(self, dice: random.Random) -> None:
        known = self._ledger.certain
        client, value = self._world.client("secretsmanager"), uuid.uuid4().hex
        if known and dice.random() < 0.6:
            name = dice.choice(list(known))
            before: Any = known[name]
            with self._ledger.change(name, (value, before[0])):
                client.put_secret_value(SecretId=name, SecretString=value)
        else:
            name = f"s-{uuid.uuid4()}"
            with self._ledger.change(name, (value, None)):
                client.create_secret(Name=name, SecretString=value)

    def check(self) -> int:
        names = [*self._ledger.certain, *self._ledger.possible]
        return self._ledger.check("secrets", {name: self._stages(name) for name in names})

    def _stages(self, name: str) -> tuple[str | None, str | None] | None:
        current = self._value(name, "AWSCURRENT")
        return None if current is None else (current, self._value(name, "AWSPREVIOUS"))

    def _value(self, name: str, stage: str) -> str | None:
        client = self._world.client("secretsmanager")
        try:
            answer = client.get_secret_value(SecretId=name, VersionStage=stage)
        except client.exceptions.ResourceNotFoundException:
            return None
        return str(answer["SecretString"])


class Settings:
    """Parameters of SSM, rules of EventBridge with targets, schedules, subscriptions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._parameters = Ledger()
        self._rules: set[str] = set()
        self._schedules: set[str] = set()
        self._subscriptions: set[str] = set()

    def step(self, dice: random.Random) -> None:
        does = dice.choice([self._parameter, self._rule, self._schedule, self._subscribe])
        does(dice)

    def _parameter(self, dice: random.Random) -> None:
        known = list(self._parameters.certain)
        name = dice.choice(known) if known and dice.random() < 0.5 else f"/p/{uuid.uuid4()}"
        value = uuid.uuid4().hex
        with self._parameters.change(name, value):
            self._world.client("ssm").put_parameter(
                Name=name, Value=value, Type="String", Overwrite=True
            )

    def _rule(self, _dice: random.Random) -> None:
        name, events = f"r-{uuid.uuid4()}", self._world.client("events")
        events.put_rule(Name=name, ScheduleExpression="rate(1 hour)")
        events.put_targets(Rule=name, Targets=[{"Id": name, "Arn": _TARGET}])
        self._rules.add(name)

    def _schedule(self, _dice: random.Random) -> None:
        name = f"s-{uuid.uuid4()}"
        self._world.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": _TARGET, "RoleArn": _ROLE, "Input": name},
        )
        self._schedules.add(name)

    def _subscribe(self, _dice: random.Random) -> None:
        address = f"{uuid.uuid4()}@example.com"
        self._world.client("sns").subscribe(TopicArn=_TOPIC_ARN, Protocol="email", Endpoint=address)
        self._subscriptions.add(address)

    def check(self) -> int:
        ssm = pages(self._world, "ssm", "get_parameters_by_path", "Parameters", Path="/p/")
        checked = self._parameters.check("parameters", {it["Name"]: it["Value"] for it in ssm})
        events, scheduler = self._world.client("events"), self._world.client("scheduler")
        aimed = {
            name
            for name in self._rules
            if [it["Arn"] for it in events.list_targets_by_rule(Rule=name)["Targets"]] == [_TARGET]
        }
        expect_none("rules", sorted(self._rules - aimed))
        due = {
            name
            for name in self._schedules
            if scheduler.get_schedule(Name=name)["Target"]["Input"] == name
        }
        expect_none("schedules", sorted(self._schedules - due))
        subscribed = pages(self._world, "sns", "list_subscriptions", "Subscriptions")
        addresses = {it["Endpoint"] for it in subscribed}
        expect_none("subscriptions", sorted(self._subscriptions - addresses))
        return checked + len(self._rules) + len(self._schedules) + len(self._subscriptions)
