"""Which member of a request names a resource, where the member's name does not say so.

A text is what stands in the tables: an ARN with the places of the request in braces. A member
that can hold the whole ARN stands alone; one that holds either stands in the place of the name.
``|`` gives what counts if the member is missing, ``!`` how its value is read.
"""

from __future__ import annotations

_TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/{TableName}"
_LOG_GROUP = "arn:{partition}:logs:{region}:{account}:log-group:{logGroupName}:log-stream:"
_RULE = "arn:{partition}:events:{region}:{account}:rule/"
_BUS = "arn:{partition}:events:{region}:{account}:event-bus/"
_NAMED_EVENTS = "arn:{{partition}}:events:{{region}}:{{account}}:{}/{{Name}}"
_FUNCTION = "arn:{partition}:lambda:{region}:{account}:function:{FunctionName!function}"
_LAYER = "arn:{partition}:lambda:{region}:{account}:layer:{LayerName}"
_SCHEDULE = "arn:{partition}:scheduler:{region}:{account}:schedule"

IDENTITIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("s3", "bucket"): ("arn:{partition}:s3:::{Bucket}",),
    ("s3", "object"): ("arn:{partition}:s3:::{Bucket}/{Key}",),
    ("dynamodb", "table"): (_TABLE, "{TableArn}", "{ResourceArn}"),
    ("dynamodb", "index"): (_TABLE + "/index/{IndexName}",),
    ("dynamodb", "stream"): ("{StreamArn}", "{ShardIterator!iterator}"),
    ("events", "event-bus"): (
        _BUS + "{EventBusName|default}",
        _BUS + "{Name|default}",
    ),
    ("events", "api-destination"): (_NAMED_EVENTS.format("api-destination"),),
    ("events", "connection"): (_NAMED_EVENTS.format("connection"),),
    ("events", "endpoint"): (_NAMED_EVENTS.format("endpoint"),),
    ("events", "rule-on-custom-event-bus"): (
        _RULE + "{EventBusName!bus}{Rule}",
        _RULE + "{EventBusName!bus}{Name}",
        "{ResourceARN}",
    ),
    ("events", "rule-on-default-event-bus"): (_RULE + "{Rule}", _RULE + "{Name}"),
    ("kms", "key"): ("{KeyId!key}", "{TargetKeyId!key}"),
    ("kms", "alias"): ("arn:{partition}:kms:{region}:{account}:{AliasName}",),
    ("lambda", "function"): (_FUNCTION, "{Resource}"),
    ("lambda", "function alias"): (_FUNCTION + ":{Qualifier}", _FUNCTION + ":{Name}"),
    ("lambda", "function version"): (_FUNCTION + ":{Qualifier}",),
    ("lambda", "layer"): (_LAYER,),
    ("lambda", "layerversion"): (_LAYER + ":{VersionNumber}", "{Arn}"),
    ("lambda", "durable execution"): ("{DurableExecutionArn}",),
    ("logs", "log-group"): (_LOG_GROUP, "{logGroupIdentifier!group}", "{resourceArn}"),
    ("logs", "log-stream"): (
        _LOG_GROUP + "{logStreamName}",
        "{logGroupIdentifier!group}{logStreamName}",
    ),
    ("logs", "destination"): (
        "arn:{partition}:logs:{region}:{account}:destination:{destinationName}",
        "{destinationArn!destination}",
    ),
    ("scheduler", "schedule"): (_SCHEDULE + "/{GroupName|default}/{Name}",),
    ("scheduler", "schedule-group"): (_SCHEDULE + "-group/{Name}", "{ResourceArn}"),
    ("secretsmanager", "secret"): ("{SecretId!secret}", "{Name!new-secret}"),
    ("sns", "topic"): (
        "{TopicArn}",
        "{ResourceArn}",
        "{SubscriptionArn!topic}",
        "arn:{partition}:sns:{region}:{account}:{Name}",
    ),
    ("sqs", "queue"): (
        "{QueueUrl!queue}",
        "arn:{partition}:sqs:{region}:{account}:{QueueName}",
        "{SourceArn}",
        "{TaskHandle!move-task}",
    ),
    ("ssm", "parameter"): (
        "{Name!parameter}",
        "{Path!parameter}",
        "{ResourceId!parameter}",
    ),
    ("states", "activity"): ("{activityArn}",),
    ("states", "statemachine"): ("{stateMachineArn}", "{resourceArn}"),
    ("states", "statemachinealias"): ("{stateMachineAliasArn}",),
    ("states", "statemachineversion"): ("{stateMachineVersionArn}",),
    ("states", "execution"): ("{executionArn}",),
    ("states", "express"): ("{executionArn}",),
    ("sts", "role"): ("{RoleArn}",),
    ("cloudformation", "stack"): (
        "arn:{partition}:cloudformation:{region}:{account}:stack/{StackName!stack}",
        "{StackId}",
    ),
    ("cloudformation", "stackset"): (
        "arn:{partition}:cloudformation:{region}:{account}:stackset/{StackSetName}:*",
    ),
    ("cloudformation", "changeset"): (),
    ("cloudwatch", "alarm"): (
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{AlarmName}",
        "{ResourceARN}",
    ),
    ("xray", "group"): (
        "{GroupARN}",
        "arn:{partition}:xray:{region}:{account}:group/{GroupName}/*",
    ),
    ("xray", "sampling-rule"): (
        "{RuleARN}",
        "arn:{partition}:xray:{region}:{account}:sampling-rule/{RuleName}",
        "{ResourceARN}",
    ),
    ("iam", "oidc-provider"): ("{OpenIDConnectProviderArn}",),
    ("iam", "mfa"): ("{SerialNumber}",),
    ("ssm", "document"): ("arn:{partition}:ssm:{region}:{account}:document/{Name}",),
    ("ssm", "maintenancewindow"): (
        "arn:{partition}:ssm:{region}:{account}:maintenancewindow/{WindowId}",
    ),
    ("ssm", "patchbaseline"): (
        "arn:{partition}:ssm:{region}:{account}:patchbaseline/{BaselineId}",
    ),
    ("ssm", "servicesetting"): (
        "arn:{partition}:ssm:{region}:{account}:servicesetting{SettingId}",
    ),
}
