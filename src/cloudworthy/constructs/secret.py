"""A generated secret: its value is made by Secrets Manager and stands in no template."""

from typing import Final

from aws_cdk import RemovalPolicy, aws_secretsmanager
from constructs import Construct

from cloudworthy.constructs.suppressions import accept, in_packs

TOKEN_CHARACTERS: Final = 48


class TokenSecret(Construct):
    """A secret of the form ``{"token": "48 letters and digits"}``.

    It is encrypted under the key that Secrets Manager keeps for the account: reading it takes
    the permission on the secret and no other.
    """

    def __init__(
        self, scope: Construct, construct_id: str, description: str, removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret: Final = aws_secretsmanager.Secret(
            self,
            "Secret",
            description=description,
            generate_secret_string=aws_secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 - nothing but the generated key
                generate_string_key="token",
                password_length=TOKEN_CHARACTERS,
                exclude_punctuation=True,
            ),
            removal_policy=removal_policy,
        )
        _accept_findings(self.secret)

    @property
    def arn(self) -> str:
        return self.secret.secret_arn


def _accept_findings(secret: aws_secretsmanager.Secret) -> None:
    accept(
        secret,
        "Callers hold this token: a rotation that nobody announced would lock them all out. Its "
        "owner rotates it with put-secret-value when callers are ready; the functions look "
        "again by themselves, without a deployment.",
        "AwsSolutions-SMG4",
        *in_packs("SecretsManagerRotationEnabled"),
    )
    accept(
        secret,
        "Encrypted under the account's own key for Secrets Manager, which only callers that may "
        "read the secret can use. A customer key would be charged by the month and shared with "
        "the same two functions.",
        *in_packs("SecretsManagerUsingKMSKey"),
    )
