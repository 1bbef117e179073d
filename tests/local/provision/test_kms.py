from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.errors import TemplateError
from local.provision.engine_children import Bench, resource

ALIAS = {
    "Type": "AWS::KMS::Alias",
    "Properties": {"AliasName": "alias/mine", "TargetKeyId": {"Fn::GetAtt": ["Key", "Arn"]}},
}


def key(**properties: Any) -> dict[str, Any]:
    return resource("AWS::KMS::Key", **properties)


async def test_a_key_with_an_alias_encrypts(bench: Bench) -> None:
    template = {"Key": key(Description="one", EnableKeyRotation=True), "Alias": ALIAS}
    made = (await bench.apply(template)).resources
    key_id = made["Key"].physical_id
    assert made["Key"].attributes["Arn"] == f"arn:aws:kms:us-east-1:000000000000:key/{key_id}"
    assert made["Alias"].physical_id == "alias/mine"
    kms = bench.client("kms")
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is True
    sealed = kms.encrypt(KeyId="alias/mine", Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"

    template["Key"] = key(Description="two", Enabled=False)
    assert (await bench.apply(template)).resources["Key"].physical_id == key_id
    metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (metadata["Description"], metadata["Enabled"]) == ("two", False)
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False

    plan = bench.plan({"Other": resource("AWS::IAM::Role")})
    assert [loss.logical_id for loss in plan.data_loss] == ["Key"]
    await bench.deployer().apply(plan)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"


async def test_what_a_key_is_cannot_change(bench: Bench) -> None:
    await bench.apply({"Key": key(KeyUsage="ENCRYPT_DECRYPT")})
    signing = key(KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
    with pytest.raises(TemplateError, match=r"AWS::KMS::Key.KeySpec \(Key\): .*Declare a new key"):
        await bench.apply({"Key": signing})
