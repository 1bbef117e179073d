"""Ids of the prefix lists that hold DynamoDB's addresses, one a region.

A security group names them to let out what goes to DynamoDB and nothing else. CloudFormation has
no attribute that gives the id, and asking AWS for it would make synth depend on an account.

Source: ``aws ec2 describe-managed-prefix-lists --filters
Name=prefix-list-name,Values=com.amazonaws.REGION.dynamodb`` (recorded 2018; the ids of a region
do not change).
"""

from typing import Final

DYNAMODB_PREFIX_LISTS: Final = {
    "ap-northeast-1": "pl-78a54011",
    "ap-northeast-2": "pl-48a54021",
    "ap-south-1": "pl-66a7420f",
    "ap-southeast-1": "pl-67a5400e",
    "ap-southeast-2": "pl-62a5400b",
    "ca-central-1": "pl-4ea54027",
    "eu-central-1": "pl-66a5400f",
    "eu-west-1": "pl-6fa54006",
    "eu-west-2": "pl-b3a742da",
    "eu-west-3": "pl-abb451c2",
    "sa-east-1": "pl-60a54009",
    "us-east-1": "pl-02cd2c6b",
    "us-east-2": "pl-4ca54025",
    "us-west-1": "pl-6ea54007",
    "us-west-2": "pl-00a54069",
}
