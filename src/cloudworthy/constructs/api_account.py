"""The role with which API Gateway writes logs: one setting for a whole account and region."""

from typing import Final

from aws_cdk import ArnFormat, RemovalPolicy, Stack, aws_apigateway, aws_iam
from constructs import Construct


class ApiAccount(Construct):
    """Sets API Gateway's log role for the account.

    The setting is shared with every other API of the account and region, so nothing of it is
    removed with the stack: without its role the others would stop logging. A team that has
    set the role by other means leaves this out (setting ``api_account_role=existing``).
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.role: Final = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("apigateway.amazonaws.com")
        )
        self.role.apply_removal_policy(RemovalPolicy.RETAIN)
        policy = aws_iam.Policy(self, "Policy", roles=[self.role], statements=self._statements())
        policy.apply_removal_policy(RemovalPolicy.RETAIN)
        self.account: Final = aws_apigateway.CfnAccount(
            self, "Account", cloud_watch_role_arn=self.role.role_arn
        )
        self.account.apply_removal_policy(RemovalPolicy.RETAIN)
        self.account.node.add_dependency(policy)

    def _statements(self) -> list[aws_iam.PolicyStatement]:
        """What API Gateway does with the role.

        It checks, when the role is set, that it may create and write log groups.

        Source: API Gateway developer guide, "Set up CloudWatch logging for REST APIs"
        (documented; the managed policy AmazonAPIGatewayPushToCloudWatchLogs has these actions
        on every resource).
        """
        groups = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name="*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return [
            aws_iam.PolicyStatement(
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                    "logs:GetLogEvents",
                    "logs:FilterLogEvents",
                ],
                resources=[groups],
            )
        ]
