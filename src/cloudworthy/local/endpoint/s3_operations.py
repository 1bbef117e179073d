"""Names of the operations of S3's REST API."""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.http import Request

_PLAIN_BUCKET = {
    "GET": "ListObjects",
    "HEAD": "HeadBucket",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
    "POST": "PostObject",
}
_PLAIN_OBJECT = {
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "PUT": "PutObject",
    "DELETE": "DeleteObject",
}
# What follows Get, Put and Delete for a sub-resource of a bucket.
_OF_BUCKET = {
    "accelerate": "BucketAccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "BucketAnalyticsConfiguration",
    "cors": "BucketCors",
    "encryption": "BucketEncryption",
    "intelligent-tiering": "BucketIntelligentTieringConfiguration",
    "inventory": "BucketInventoryConfiguration",
    "lifecycle": "BucketLifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "BucketMetricsConfiguration",
    "notification": "BucketNotificationConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "BucketReplication",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_OF_OBJECT = {
    "acl": "ObjectAcl",
    "attributes": "ObjectAttributes",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
    "torrent": "ObjectTorrent",
}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}
_WITHOUT_PATTERN = {
    ("POST", "bucket", "delete"): "DeleteObjects",
    ("GET", "bucket", "versions"): "ListObjectVersions",
    ("GET", "bucket", "uploads"): "ListMultipartUploads",
    ("GET", "bucket", "list-type"): "ListObjectsV2",
    ("GET", "bucket", "session"): "CreateSession",
    ("POST", "object", "uploads"): "CreateMultipartUpload",
    ("POST", "object", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "object", "uploadId"): "AbortMultipartUpload",
    ("GET", "object", "uploadId"): "ListParts",
    ("POST", "object", "select"): "SelectObjectContent",
    ("POST", "object", "restore"): "RestoreObject",
}


def s3_operation(request: Request) -> str:
    """The operation of a request with the bucket in its path.

    Source: Amazon S3 API reference, "Actions" (documented).
    """
    bucket, _, key = request.path.lstrip("/").partition("/")
    parameters = [field.partition("=")[0] for field in request.query.split("&") if field]
    if not bucket:
        return "ListBuckets"
    kind = "object" if key else "bucket"
    for parameter in parameters:
        named = _WITHOUT_PATTERN.get((request.method, kind, parameter))
        if named is not None:
            return named
    if key:
        return _object_operation(request, parameters)
    return _named(request.method, parameters, _OF_BUCKET, _PLAIN_BUCKET)


def _object_operation(request: Request, parameters: list[str]) -> str:
    is_copy = request.method == "PUT" and request.header("x-amz-copy-source") is not None
    if request.method == "PUT" and "uploadId" in parameters:
        return "UploadPartCopy" if is_copy else "UploadPart"
    name = _named(request.method, parameters, _OF_OBJECT, _PLAIN_OBJECT)
    return "CopyObject" if is_copy and name == "PutObject" else name


def _named(
    method: str, parameters: list[str], resources: Mapping[str, str], plain: Mapping[str, str]
) -> str:
    for parameter in parameters:
        if parameter in resources and method in _VERBS:
            return _VERBS[method] + resources[parameter]
    return plain.get(method, method)
