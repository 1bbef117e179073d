from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.errors import CloudworthyError, UnsupportedError
from local.provision.engine_children import Bench, actions, resource

POLICIES = {"PasswordPolicy": {"MinimumLength": "12", "RequireSymbols": "false"}}
OUTPUTS = {"Url": {"Value": {"Fn::GetAtt": ["Pool", "ProviderURL"]}}}


def pool(**properties: Any) -> dict[str, Any]:
    return resource("AWS::Cognito::UserPool", **{"Policies": POLICIES, **properties})


def client(**properties: Any) -> dict[str, Any]:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    settings = {"UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": flows}
    return resource("AWS::Cognito::UserPoolClient", **{**settings, **properties})


async def test_a_user_of_a_declared_pool_signs_in(bench: Bench) -> None:
    domain = resource(
        "AWS::Cognito::UserPoolDomain", Domain=bench.stack_name, UserPoolId={"Ref": "Pool"}
    )
    template = {"Pool": pool(), "Client": client(), "Domain": domain}
    made = await bench.apply(template, Outputs=OUTPUTS)
    pool_id, client_id = (made.resources[it].physical_id for it in ("Pool", "Client"))
    assert made.outputs["Url"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"
    assert made.resources["Pool"].attributes["Arn"] == (
        f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool_id}"
    )
    cognito = bench.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann", MessageAction="SUPPRESS")
    password = {"Username": "ann", "Password": "Correct-Horse-1", "Permanent": True}
    cognito.admin_set_user_password(UserPoolId=pool_id, **password)
    signed_in = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": "Correct-Horse-1"},
    )
    assert signed_in["AuthenticationResult"]["IdToken"]
    assert set(actions(bench.plan(template, Outputs=OUTPUTS)).values()) == {"unchanged"}


async def test_a_pool_changes_in_place_and_keeps_its_users(bench: Bench) -> None:
    made = await bench.apply({"Pool": pool(), "Client": client(GenerateSecret=True)})
    secret = made.resources["Client"].attributes["ClientSecret"]
    changed = {
        "Pool": pool(
            AutoVerifiedAttributes=["email"],
            Schema=[{"Name": "tier", "AttributeDataType": "String", "Mutable": "true"}],
        ),
        "Client": client(GenerateSecret=True, AccessTokenValidity=2),
    }
    again = await bench.apply(changed)
    for name in ("Pool", "Client"):
        assert again.resources[name].physical_id == made.resources[name].physical_id
    assert again.resources["Client"].attributes["ClientSecret"] == secret
    pool_id = made.resources["Pool"].physical_id
    described = bench.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert described["AutoVerifiedAttributes"] == ["email"]
    assert "custom:tier" in {it["Name"] for it in described["SchemaAttributes"]}
    assert [it.loses for it in bench.plan({"Client": client(UserPoolId=pool_id)}).data_loss] == [
        "every user in the pool"
    ]


async def test_how_users_are_named_stays(bench: Bench) -> None:
    await bench.apply({"Pool": pool()})
    with pytest.raises(CloudworthyError, match=r"UserPool.UsernameAttributes \(Pool\)"):
        await bench.apply({"Pool": pool(UsernameAttributes=["email"])})


def test_triggers_are_refused(bench: Bench) -> None:
    with pytest.raises(UnsupportedError, match=r"LambdaConfig \(Pool\): found triggers"):
        bench.plan({"Pool": pool(LambdaConfig={"PreSignUp": "arn"})})
