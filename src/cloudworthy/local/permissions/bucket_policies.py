"""The policies of buckets: the template's, and what programs put in their place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.own_call import signed_for
from cloudworthy.local.endpoint.s3_host import in_path_style
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.iam.policy import MalformedPolicyDocumentError, parse_policy
from cloudworthy.local.model.arns import bucket_arn, service_of
from cloudworthy.local.model.backends import Backend, BackendUnavailableError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.put_documents import Document, PutDocuments

_TYPE = "AWS::S3::BucketPolicy"


class BucketPolicies:
    """The template's, and over them what was put.

    What was put counts until the template says something else than it did then: CloudFormation
    puts a policy when it changes, and only then.

    Source: Amazon S3 API reference, "PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"
    (documented); the sentences about malformed policies from public reports (recorded).
    """

    def __init__(self, put: PutDocuments) -> None:
        self._put = put
        self._declared: Mapping[str, Document] = {}
        self._region = ""

    def declare(self, deployment: Deployment) -> None:
        """What the template says from now on."""
        self._region = deployment.stack.region
        self._declared = {
            bucket_arn(self._region, str(resource.properties["Bucket"])): resource.properties[
                "PolicyDocument"
            ]
            for resource in deployment.of_type(_TYPE)
        }

    def changed(self, arn: str) -> bool:
        """Whether a program put or deleted the policy since the template's was there."""
        if service_of(arn) != "s3":
            return False
        entry = self._put.get(arn)
        return entry is not None and entry["declared"] == self._declared.get(arn)

    def of(self, arn: str) -> Document | None:
        """The policy of a bucket as it is now."""
        entry = self._put.get(arn)
        if entry is not None and self.changed(arn):
            document: Document | None = entry["document"]
            return document
        return self._declared.get(arn)

    def put(self, arn: str, document: Document | None) -> None:
        self._put.put(arn, {"document": document, "declared": self._declared.get(arn)})

    async def forget_deleted(self, call: AnsweredCall) -> None:
        """A watcher: a bucket takes its policy along."""
        if call.operation.name == "DeleteBucket" and call.response.status < 300:
            self._put.drop(bucket_arn(self._region, _bucket(call.request)))


class BucketPolicyApi:
    """The operations on policies of buckets; the engine knows which buckets there are."""

    def __init__(self, policies: BucketPolicies, engine: Backend, region: str) -> None:
        self._policies = policies
        self._engine = engine
        self._region = region

    async def put(self, request: Request) -> Response:
        arn = await self._existing(request)
        self._policies.put(arn, _checked(request.body, arn))
        return Response(204, [])

    async def get(self, request: Request) -> Response:
        document = self._policies.of(await self._existing(request))
        if document is None:
            raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
        body = json.dumps(document).encode()
        return Response(200, [("Content-Type", "application/json")], body)

    async def delete(self, request: Request) -> Response:
        self._policies.put(await self._existing(request), None)
        return Response(204, [])

    async def status(self, request: Request) -> Response:
        await self._existing(request)
        message = "Whether a bucket policy is public is not determined on this machine"
        raise AwsError("NotImplemented", message, 501)

    async def _existing(self, request: Request) -> str:
        bucket = _bucket(request)
        head = Request("HEAD", f"/{bucket}", signed_for("s3", self._region))
        try:
            answer = await self._engine.send(head)
        except BackendUnavailableError as error:
            message = "The service is restarting. Please try again."
            raise AwsError("ServiceUnavailable", message, 503) from error
        if answer.status == 404:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        return bucket_arn(self._region, bucket)


def _bucket(request: Request) -> str:
    return in_path_style(request).path.strip("/")


def _checked(body: bytes, arn: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        message = "Policies must be valid JSON and the first byte must be '{'"
        raise AwsError("MalformedPolicy", message, 400) from error
    try:
        policy = parse_policy(document, name="PutBucketPolicy")
    except MalformedPolicyDocumentError as error:
        raise AwsError("MalformedPolicy", str(error), 400) from error
    for statement in policy.statements:
        if statement.principal is None:
            raise AwsError("MalformedPolicy", "Missing required field Principal", 400)
        if statement.resource is None:
            raise AwsError("MalformedPolicy", "Missing required field Resource", 400)
        for value in statement.resource.values:
            bucket = value.partition("/")[0]
            if bucket != arn and not ("*" in bucket or "?" in bucket):
                raise AwsError("MalformedPolicy", "Policy has invalid resource", 400)
    return dict(document)
