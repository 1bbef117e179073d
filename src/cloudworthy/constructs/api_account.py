"""The role with which API Gateway writes logs: one setting for a whole account and region."""

from typing import Final

from aws_cdk import RemovalPolicy, aws_apigateway, aws_iam
from constructs import Construct

from cloudworthy.constructs.suppressions import accept

# API Gateway refuses a role that lacks these permissions at the moment it is set.
# Source: API Gateway developer guide, "Set up CloudWatch logging for REST APIs" (documented).
_LOG_POLICY: Final = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"


class ApiAccount(Construct):
    """Sets API Gateway's log role for the account.

    The setting is shared with every other API of the account and region, so nothing of it is
    removed with the stack: without its role the others would stop logging. A team that has
    set the role by other means leaves this out (setting ``api_account_role=existing``).
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.role: Final = aws_iam.Role(
            self,
            "Role",
            assumed_by=aws_iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[aws_iam.ManagedPolicy.from_aws_managed_policy_name(_LOG_POLICY)],
        )
        self.role.apply_removal_policy(RemovalPolicy.RETAIN)
        self.account: Final = aws_apigateway.CfnAccount(
            self, "Account", cloud_watch_role_arn=self.role.role_arn
        )
        self.account.apply_removal_policy(RemovalPolicy.RETAIN)
        accept(
            self.role,
            "API Gateway checks for the permissions of this policy when the role is set, and "
            "documents no narrower set. Only API Gateway can assume the role, and it writes the "
            "logs of every API of the account with it.",
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_LOG_POLICY}]",
        )
