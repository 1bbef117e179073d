"""What AWS answers to a request that is not allowed, and what would allow it.

Source: IAM user guide, "Troubleshoot access denied error messages" (documented). That SQS writes
the action in lower case, SNS its prefix in upper case and S3 the ARN in quotes, and that AssumeRole
gives no reason: messages in public problem reports (recorded, 2022 to 2026). Other services write
both as policies do.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.iam.compiled import PolicyKind
from cloudworthy.local.iam.evaluation import Evaluation, Outcome
from cloudworthy.local.iam.request import AuthorizationRequest
from cloudworthy.local.model.arns import service_of
from cloudworthy.local.model.identity import Principal

_ARTICLES = {
    PolicyKind.IDENTITY: "an identity-based policy",
    PolicyKind.RESOURCE: "a resource-based policy",
    PolicyKind.BOUNDARY: "a permissions boundary",
    PolicyKind.SESSION: "a session policy",
}


def denial_message(request: AuthorizationRequest, evaluation: Evaluation) -> str:
    """AWS's sentence for the caller of a request that was denied."""
    action = _written_action(request.action)
    user = request.principal.arn or "anonymous"
    sentence = f"User: {user} is not authorized to perform: {action}"
    if evaluation.resource != "*":
        sentence += f" on resource: {_written_resource(evaluation.resource)}"
    if evaluation.kind is None or request.action.startswith("sts:AssumeRole"):
        return sentence
    if evaluation.outcome is Outcome.EXPLICIT_DENY:
        return f"{sentence} with an explicit deny in {_ARTICLES[evaluation.kind]}"
    return f"{sentence} because no {evaluation.kind.value} allows the {action} action"


def smallest_statement(
    request: AuthorizationRequest, evaluation: Evaluation
) -> Mapping[str, object] | None:
    """The statement that is missing in a policy of the evaluation's kind.

    Returns
    -------
    Mapping or None
        None where no statement would help: the request is allowed or explicitly denied.
    """
    if evaluation.outcome is not Outcome.IMPLICIT_DENY:
        return None
    resources = evaluation.denied_resources
    statement: dict[str, object] = {"Effect": "Allow"}
    if evaluation.kind is PolicyKind.RESOURCE:
        statement["Principal"] = _named(request.principal)
    statement["Action"] = request.action
    if not (evaluation.kind is PolicyKind.RESOURCE and request.action.startswith("sts:")):
        # A trust policy is about its own role, and takes no Resource.
        statement["Resource"] = resources[0] if len(resources) == 1 else list(resources)
    return statement


def _named(principal: Principal) -> object:
    if not principal.arn:
        return "*"
    if not principal.arn.startswith("arn:"):
        return {"Service": principal.arn}
    return {"AWS": principal.role_arn or principal.arn}


def _written_action(action: str) -> str:
    service, _, name = action.partition(":")
    if service == "sqs":
        return action.lower()
    return f"SNS:{name}" if service == "sns" else action


def _written_resource(resource: str) -> str:
    return f'"{resource}"' if service_of(resource) == "s3" else resource
