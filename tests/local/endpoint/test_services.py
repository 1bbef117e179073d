"""Services through the endpoint, as boto3 uses them."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.endpoint.served import ACCOUNT, REGION, Served, fetch, make_table

LOCATION = {"LocationConstraint": REGION}


@pytest.fixture(scope="module")
def bucket(aws: Served) -> str:
    aws.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=LOCATION)
    return "bucket"


def test_dynamodb_answers_pass_unchanged(aws: Served) -> None:
    dynamodb = aws.client("dynamodb", aws.role("items"))
    make_table(dynamodb, "things")
    dynamodb.put_item(TableName="things", Item={"pk": {"S": "ä"}, "n": {"N": "1.50"}})
    answer = dynamodb.get_item(TableName="things", Key={"pk": {"S": "ä"}})
    assert answer["Item"] == {"pk": {"S": "ä"}, "n": {"N": "1.5"}}
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert len(headers["x-amzn-requestid"]) == 52
    assert headers["x-amz-crc32"].isdigit()


def test_arns_of_tables_have_the_region_and_account_of_the_caller(aws: Served) -> None:
    dynamodb = aws.client("dynamodb")
    make_table(dynamodb, "placed")
    dynamodb.update_table(
        TableName="placed",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    table = dynamodb.describe_table(TableName="placed")["Table"]
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/placed"
    assert table["TableArn"] == arn
    assert table["LatestStreamArn"].startswith(f"{arn}/stream/")
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    streams = aws.client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName="placed")["Streams"]
    assert stream["StreamArn"] == table["LatestStreamArn"]
    described = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
    assert described["StreamArn"] == stream["StreamArn"]


def test_an_arn_in_an_item_is_data(aws: Served) -> None:
    dynamodb = aws.client("dynamodb")
    make_table(dynamodb, "arns")
    for region in (REGION, "dynoxide"):
        arn = f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/x"
        dynamodb.put_item(TableName="arns", Item={"pk": {"S": arn}})
        found = dynamodb.get_item(TableName="arns", Key={"pk": {"S": arn}})["Item"]
        assert found == {"pk": {"S": arn}}


@pytest.mark.parametrize(
    "body",
    [b"", b"x", bytes(range(256)) * 4, b"\r\n\r\n", b"y" * 12_000_000],
    ids=["empty", "one", "binary", "breaks", "12 MB"],
)
def test_s3_objects_come_back_as_they_were(aws: Served, bucket: str, body: bytes) -> None:
    s3 = aws.client("s3", aws.role("files"))
    key = "folder/ä b+c%20.bin"
    put = s3.put_object(
        Bucket=bucket, Key=key, Body=body, ContentType="x/y", Metadata={"under_score": "v"}
    )
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == body
    assert (got["ETag"], got["ContentType"]) == (put["ETag"], "x/y")
    assert got["Metadata"] == {"under_score": "v"}
    head = s3.head_object(Bucket=bucket, Key=key)
    assert head["ContentLength"] == len(body)
    assert s3.delete_object(Bucket=bucket, Key=key)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket=bucket, Key=key)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_s3_streams_with_a_checksum_behind_the_body(
    aws: Served, bucket: str, algorithm: str, tmp_path: Any
) -> None:
    """Uploads of a file: ``aws-chunked`` with a trailer when TLS would protect the rest."""
    file = tmp_path / "upload"
    file.write_bytes(b"content" * 30_000)
    s3 = aws.client("s3", aws.role("streams"))
    with file.open("rb") as body:
        s3.put_object(Bucket=bucket, Key="streamed", Body=body, ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="streamed", ChecksumMode="ENABLED")
    assert got["Body"].read() == file.read_bytes()
    assert "aws-chunked" not in got.get("ContentEncoding", "")


def test_s3_multipart_and_versions(aws: Served, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    parts = []
    for number, content in ((1, b"a" * 5_242_880), (2, b"b")):
        part = s3.upload_part(
            Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=content
        )
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    s3.complete_multipart_upload(
        Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    s3.put_object(Bucket=bucket, Key="big", Body=b"second")
    versions = s3.list_object_versions(Bucket=bucket, Prefix="big")["Versions"]
    assert [version["Size"] for version in versions] == [6, 5_242_881]


def test_what_moto_does_not_know_is_an_error_in_the_protocol(aws: Served) -> None:
    with pytest.raises(ClientError) as caught:
        aws.client("kms").connect_custom_key_store(CustomKeyStoreId="x" * 12)
    assert caught.value.response["Error"]["Code"] in {"NotImplemented", "InternalFailure"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500


def test_queues_topics_and_secrets(aws: Served) -> None:
    role = aws.role("worker")
    sqs, sns = aws.client("sqs", role), aws.client("sns", role)
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    sns.publish(TopicArn=topic, Message="hello")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["Message"] == "hello"
    secrets = aws.client("secretsmanager", role)
    secrets.create_secret(Name="token", SecretString="generated")
    assert secrets.get_secret_value(SecretId="token")["SecretString"] == "generated"


def test_lambda_calls_go_to_the_worker_pool(aws: Served) -> None:
    aws.lambda_requests.clear()
    answer = aws.client("lambda", aws.role("caller")).invoke(FunctionName="f", Payload=b"{}")
    assert answer["Payload"].read() == b'"from lambda"'
    assert aws.lambda_requests[0].path == "/2015-03-31/functions/f/invocations"


def test_the_checksum_of_an_answer_whose_arns_were_replaced_is_right(aws: Served) -> None:
    make_table(aws.client("dynamodb"), "checked")
    scope = f"AKIAPERSON/20260101/{REGION}/dynamodb/aws4_request"
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.DescribeTable",
        "X-Amz-Date": "20260101T000000Z",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    url, body = f"http://127.0.0.1:{aws.port}/", b'{"TableName": "checked"}'
    answer = fetch(url, method="POST", body=body, headers=headers)
    assert f":{REGION}:".encode() in answer.body
    assert answer.headers["x-amz-crc32"] == str(zlib.crc32(answer.body))
