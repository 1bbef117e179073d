"""Writes the contents of the AWS managed policies that CDK apps use, as moto carries them.

python scripts/managed_policies.py
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src/cloudworthy/local/iam/managed_policies.json"
NAMES = [
    "AWSAppSyncPushToCloudWatchLogs",
    "AWSKeyManagementServicePowerUser",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaExecute",
    "AWSLambdaInvocation-DynamoDB",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "AWSStepFunctionsFullAccess",
    "AWSStepFunctionsReadOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayFullAccess",
    "AWSXrayReadOnlyAccess",
    "AWSXrayWriteOnlyAccess",
    "AdministratorAccess",
    "AmazonAPIGatewayAdministrator",
    "AmazonAPIGatewayInvokeFullAccess",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonCognitoPowerUser",
    "AmazonCognitoReadOnly",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBFullAccess_v2",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonEventBridgeFullAccess",
    "AmazonEventBridgeReadOnlyAccess",
    "AmazonKinesisFullAccess",
    "AmazonKinesisReadOnlyAccess",
    "AmazonRDSDataFullAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSESFullAccess",
    "AmazonSNSFullAccess",
    "AmazonSNSReadOnlyAccess",
    "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchFullAccess",
    "CloudWatchFullAccessV2",
    "CloudWatchLambdaApplicationSignalsExecutionRolePolicy",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "CloudWatchLogsReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
    "SecurityAudit",
    "ViewOnlyAccess",
]


def main() -> None:
    facts = {
        "source": f"moto {version('moto')}, moto.iam.aws_managed_policies (from AWS's own API)",
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python scripts/managed_policies.py",
    }
    head = json.dumps(facts, indent=0).removesuffix("\n}")
    lines = [
        f"{json.dumps(arn)}:{json.dumps(document, separators=(',', ':'))}"
        for arn, document in policies().items()
    ]
    TARGET.write_text(head + ',\n"policies": {\n' + ",\n".join(lines) + "\n}\n}\n")


def policies() -> dict[str, Any]:
    """Policy documents by ARN, in the order of the ARNs."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415 - 4 MB

    known = json.loads(aws_managed_policies_data)
    by_arn = {
        f"arn:aws:iam::aws:policy{known[name]['Path']}{name}": known[name]["Document"]
        for name in NAMES
    }
    return dict(sorted(by_arn.items()))


if __name__ == "__main__":
    main()
