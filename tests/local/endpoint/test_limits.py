"""Requests that are as large as services take them, and one more."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from local.endpoint import limits_of_messages, limits_of_storage
from local.endpoint.limits_clients import BUCKET, TABLE, Call, Clients
from local.endpoint.limits_of_storage import item
from local.endpoint.served import Served, fetch

WITHIN = limits_of_messages.WITHIN | limits_of_storage.WITHIN
BEYOND = limits_of_messages.BEYOND | limits_of_storage.BEYOND


@pytest.fixture(scope="module")
def clients(aws: Served) -> Clients:
    return Clients(aws)


@pytest.mark.parametrize("call", WITHIN.values(), ids=WITHIN.keys())
def test_what_is_within_a_limit_is_taken(clients: Clients, call: Call) -> None:
    assert call(clients)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("call", "code", "message"), BEYOND.values(), ids=BEYOND.keys())
def test_what_is_beyond_a_limit_is_refused_in_the_words_of_the_service(
    clients: Clients, call: Call, code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        call(clients)
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Code"] == code
    assert message in response["Error"]["Message"]
    assert "An error occurred" not in response["Error"]["Message"]


def test_parts_of_an_upload_but_the_last_have_5_mib(clients: Clients) -> None:
    upload = clients.s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    which = {"Bucket": BUCKET, "Key": "parts", "UploadId": upload}
    parts = [
        {
            "PartNumber": number,
            "ETag": clients.s3.upload_part(**which, PartNumber=number, Body=b"x")["ETag"],
        }
        for number in (1, 2)
    ]
    with pytest.raises(ClientError, match="EntityTooSmall"):
        clients.s3.complete_multipart_upload(**which, MultipartUpload={"Parts": parts})


@pytest.mark.parametrize(("expires_s", "status"), [(604_800, 200), (604_801, 400)])
def test_a_presigned_url_lasts_a_week_at_most(
    clients: Clients, expires_s: int, status: int
) -> None:
    clients.s3.put_object(Bucket=BUCKET, Key="presigned", Body=b"x")
    url = clients.s3.generate_presigned_url(
        "get_object", Params={"Bucket": BUCKET, "Key": "presigned"}, ExpiresIn=expires_s
    )
    answer = fetch(url)
    assert answer.status == status
    assert (b"AuthorizationQueryParametersError" in answer.body) is (status == 400)


def test_a_message_may_be_in_the_query(clients: Clients) -> None:
    query = urlencode({"Action": "Publish", "TopicArn": clients.topic, "Message": "x"})
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAPERSON/20260101/eu-central-1/sns/"
        "aws4_request, SignedHeaders=host, Signature=0"
    }
    assert fetch(f"{clients.url}/?{query}", method="POST", headers=signed).status == 200


def test_a_page_of_items_has_a_mebibyte(clients: Clients) -> None:
    for number in range(4):
        clients.dynamodb.put_item(TableName=TABLE, Item=item(f"page-{number}", 390_000))
    page = clients.dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :page)",
        ExpressionAttributeValues={":pk": {"S": "p"}, ":page": {"S": "page-"}},
    )
    assert 2 <= page["Count"] < 4
    assert page["LastEvaluatedKey"]["sk"] == {"S": f"page-{page['Count'] - 1}"}


def test_a_message_that_was_received_too_often_goes_to_the_dead_letter_queue(
    clients: Clients,
) -> None:
    sqs_client = clients.sqs
    arn = "arn:aws:sqs:eu-central-1:000000000000:dead"
    dead = sqs_client.create_queue(QueueName="dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    source = sqs_client.create_queue(QueueName="source", Attributes={"RedrivePolicy": policy})
    sqs_client.send_message(QueueUrl=source["QueueUrl"], MessageBody="again and again")
    received = [
        len(
            sqs_client.receive_message(QueueUrl=source["QueueUrl"], VisibilityTimeout=0).get(
                "Messages", []
            )
        )
        for _ in range(3)
    ]
    (moved,) = sqs_client.receive_message(QueueUrl=dead)["Messages"]
    assert received == [1, 1, 0]
    assert moved["Body"] == "again and again"
