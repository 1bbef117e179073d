"""The permissions of functions: the template's, and what programs added and removed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from cloudworthy.local.endpoint.authorization.routes import fields_of
from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.iam.policy import CURRENT_VERSION
from cloudworthy.local.model.arns import arn_of, service_of
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.model.resources import Deployment, ProvisionedResource
from cloudworthy.local.permissions.put_documents import Document, PutDocuments

_TYPE = "AWS::Lambda::Permission"
_PATH = re.compile(r"/2015-03-31/functions/(?P<function>[^/]+)/policy(?:/(?P<sid>[^/]+))?")
_QUALIFIED_COLONS = 7
_NOT_FOUND = "The resource you requested does not exist."

Statement = Mapping[str, Any]


class FunctionPolicies:
    """Answers AddPermission, RemovePermission and GetPolicy.

    Source: AWS Lambda API reference, "AddPermission", "RemovePermission", "GetPolicy", and AWS
    Lambda developer guide, "Resource-based policies" (documented).
    """

    def __init__(self, put: PutDocuments) -> None:
        self._put = put
        self._declared: dict[str, list[Statement]] = {}
        self._functions: frozenset[str] = frozenset()
        self._place = ""

    def declare(self, deployment: Deployment) -> None:
        """What the template says from now on."""
        self._place = _place(deployment)
        self._functions = frozenset(
            str(it.attributes["Arn"]) for it in deployment.of_type("AWS::Lambda::Function")
        )
        self._declared = declared_permissions(deployment)

    def changed(self, arn: str) -> bool:
        """Whether a program added or removed a permission."""
        return service_of(arn) == "lambda" and self._put.get(arn) is not None

    def of(self, arn: str) -> Document | None:
        """The policy of a function, version or alias as it is now."""
        statements = list(self._statements(arn).values())
        if not statements:
            return None
        return {"Version": CURRENT_VERSION, "Id": "default", "Statement": statements}

    async def add(self, request: Request) -> Response:
        arn, _ = self._named(request)
        asked = _document(request.body)
        statement = permission_statement(asked, str(asked.get("StatementId", "")), arn)
        sid = str(statement["Sid"])
        if sid in self._statements(arn):
            raise AwsError(
                "ResourceConflictException",
                f"The statement id ({sid}) provided already exists. Please provide a new "
                "statement id, or remove the existing statement.",
                409,
            )
        added, removed = self._changes(arn)
        self._put.put(arn, {"added": {**added, sid: statement}, "removed": removed})
        return _json(201, {"Statement": json.dumps(statement)})

    async def remove(self, request: Request) -> Response:
        arn, sid = self._named(request)
        if sid not in self._statements(arn):
            message = f"Statement {sid} is not found in resource policy."
            raise AwsError("ResourceNotFoundException", message, 404)
        added, removed = self._changes(arn)
        added.pop(sid, None)
        self._put.put(arn, {"added": added, "removed": [*removed, sid]})
        return Response(204, [])

    async def get(self, request: Request) -> Response:
        arn, _ = self._named(request)
        if not self._statements(arn):
            raise AwsError("ResourceNotFoundException", _NOT_FOUND, 404)
        return _json(200, {"Policy": json.dumps(self.of(arn))})

    def _statements(self, arn: str) -> dict[str, Statement]:
        added, removed = self._changes(arn)
        declared = {str(it["Sid"]): it for it in self._declared.get(arn, ())}
        return {sid: it for sid, it in declared.items() if sid not in removed} | added

    def _changes(self, arn: str) -> tuple[dict[str, Statement], list[str]]:
        entry = self._put.get(arn) or {"added": {}, "removed": []}
        return dict(entry["added"]), list(entry["removed"])

    def _named(self, request: Request) -> tuple[str, str]:
        found = _PATH.fullmatch(request.path.rstrip("/"))
        if found is None:
            raise AwsError("ValidationException", f"Invalid path: {request.path}", 400)
        arn = function_arn(unquote(found["function"]), self._place)
        unqualified = ":".join(arn.split(":")[:_QUALIFIED_COLONS])
        if unqualified not in self._functions:
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        qualifier = fields_of(request).get("Qualifier", "")
        named = f"{arn}:{qualifier}" if qualifier and arn == unqualified else arn
        return named, unquote(found["sid"] or "")


def declared_permissions(deployment: Deployment) -> dict[str, list[Statement]]:
    """The statements of each function, version or alias that the template gives it."""
    place = _place(deployment)
    found: dict[str, list[Statement]] = {}
    for resource in deployment.of_type(_TYPE):
        arn = function_arn(str(resource.properties["FunctionName"]), place)
        found.setdefault(arn, []).append(_declared(resource, arn))
    return found


def _place(deployment: Deployment) -> str:
    stack = deployment.stack
    return arn_of("lambda", stack.region, stack.account, "function:")


def _declared(resource: ProvisionedResource, arn: str) -> Statement:
    return permission_statement(resource.properties, resource.logical_id, arn)


def permission_statement(asked: Mapping[str, Any], sid: str, arn: str) -> Statement:
    """The statement that a permission stands for; the members are those of AddPermission."""
    principal, action = str(asked.get("Principal", "")), str(asked.get("Action", ""))
    if not (sid and principal and action):
        message = "StatementId, Action and Principal are required"
        raise AwsError("ValidationException", message, 400)
    kind = "Service" if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {kind: principal},
        "Action": action,
        "Resource": arn,
        "Condition": _conditions(asked),
    }


def _conditions(asked: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    equal = {
        key: str(asked[member])
        for member, key in (
            ("SourceAccount", "aws:SourceAccount"),
            ("PrincipalOrgID", "aws:PrincipalOrgID"),
            ("EventSourceToken", "lambda:EventSourceToken"),
            ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        )
        if asked.get(member)
    }
    found: dict[str, dict[str, str]] = {"StringEquals": equal} if equal else {}
    if asked.get("SourceArn"):
        found["ArnLike"] = {"aws:SourceArn": str(asked["SourceArn"])}
    return found


def function_arn(function: str, place: str) -> str:
    """Of a name, an ARN or ``account:function:name``, each with or without a qualifier."""
    return function if function.startswith("arn:") else place + function.rpartition(":function:")[2]


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AwsError("InvalidRequestContentException", "Could not parse request body", 400)
    return found


def _json(status: int, document: Mapping[str, Any]) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(document).encode())
