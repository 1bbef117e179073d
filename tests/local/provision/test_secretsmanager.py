from __future__ import annotations

import json
from typing import Any

from local.provision.engine_children import Bench, actions, resource

GENERATED = {
    "SecretStringTemplate": '{"user": "app"}',
    "GenerateStringKey": "token",
    "ExcludePunctuation": True,
    "PasswordLength": 40,
}


def secret(**properties: Any) -> dict[str, Any]:
    return resource("AWS::SecretsManager::Secret", **properties)


async def value_of(bench: Bench, **properties: Any) -> str:
    made = (await bench.apply({"Secret": secret(**properties)})).resources["Secret"]
    client = bench.client("secretsmanager")
    return str(client.get_secret_value(SecretId=made.physical_id)["SecretString"])


async def test_a_generated_value_is_made_once(bench: Bench) -> None:
    first = await value_of(bench, GenerateSecretString=GENERATED)
    content = json.loads(first)
    assert content["user"] == "app"
    assert len(content["token"]) == 40
    assert content["token"].isalnum()
    assert await value_of(bench, GenerateSecretString=GENERATED, Description="new") == first
    longer = {**GENERATED, "PasswordLength": 41}
    assert await value_of(bench, GenerateSecretString=longer, Description="new") != first


async def test_ref_is_the_arn(bench: Bench) -> None:
    made = (await bench.apply({"Secret": secret()})).resources["Secret"]
    assert made.physical_id.startswith(
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:Secret-"
    )
    assert made.attributes == {"Id": made.physical_id}


async def test_the_state_does_not_hold_the_value(bench: Bench) -> None:
    value = await value_of(bench, GenerateSecretString=GENERATED)
    assert json.loads(value)["token"] not in (bench.directory / "deployment.json").read_text()


async def test_a_given_value_tags_and_description_follow_the_template(bench: Bench) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    assert await value_of(bench, SecretString="x", Description="d", Tags=tags) == "x"
    tags = [{"Key": "b", "Value": bench.stack_name}]
    assert await value_of(bench, SecretString="y", Description="e", Tags=tags) == "y"
    (found,) = [
        it
        for it in bench.client("secretsmanager").list_secrets()["SecretList"]
        if it.get("Tags") == tags
    ]
    assert found["Description"] == "e"


async def test_a_deleted_secret_is_a_loss_of_data(bench: Bench) -> None:
    await value_of(bench, Name=f"{bench.stack_name}/token")
    plan = bench.plan({"Other": resource("AWS::IAM::Role")})
    assert [loss.loses for loss in plan.data_loss] == ["the secret's value"]
    await bench.deployer().apply(plan)
    assert actions(bench.plan({"Secret": secret()}))["Secret"] == "create"
    await value_of(bench, Name=f"{bench.stack_name}/token")


async def test_the_policy_of_a_secret_follows_the_template(bench: Bench) -> None:
    client = bench.client("secretsmanager")
    policy = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}
    for document in (policy, {"Version": "2012-10-17", **policy}, None):
        wanted = {"Secret": secret()}
        if document is not None:
            properties = {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": document}
            wanted["Policy"] = resource("AWS::SecretsManager::ResourcePolicy", **properties)
        made = (await bench.apply(wanted)).resources["Secret"]
        found = client.get_resource_policy(SecretId=made.physical_id).get("ResourcePolicy")
        assert (json.loads(found) if found else None) == document
