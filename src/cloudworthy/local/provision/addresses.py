"""AWS addresses of a stack's APIs and sites, and the local ones in their place.

A template gives AWS addresses, ``https://<api>.execute-api.<region>.amazonaws.com/prod/``.
Where a person or a function is to call them on this machine, the host is replaced once the
listeners' ports are known; the stage stays in the path, as on AWS. (The default stage of an
HTTP API has no part in the path.)
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.model.arns import url_suffix_of
from cloudworthy.local.model.resources import Deployment, TemplateValue

_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_DISTRIBUTION = "AWS::CloudFront::Distribution"


def aws_hosts(deployment: Deployment) -> dict[str, str]:
    """The AWS host name of every API and distribution, by logical id."""
    region = deployment.stack.region
    suffix = url_suffix_of(region)
    hosts = {
        api.logical_id: f"{api.physical_id}.execute-api.{region}.{suffix}"
        for kind in _APIS
        for api in deployment.of_type(kind)
    }
    for distribution in deployment.of_type(_DISTRIBUTION):
        hosts[distribution.logical_id] = str(distribution.attributes["DomainName"])
    return hosts


def localized(
    value: TemplateValue, deployment: Deployment, addresses: Mapping[str, str]
) -> TemplateValue:
    """A value with ``https://`` addresses of the stack replaced by local ones.

    Parameters
    ----------
    value
        A string, or lists and objects of them, for example a function's environment.
    deployment
        Knows which AWS host belongs to which logical id.
    addresses
        By logical id of the API or distribution: ``http://127.0.0.1:8080``. What is not named
        keeps its AWS address.
    """
    hosts = aws_hosts(deployment)
    replacements = {
        f"https://{hosts[logical_id]}": address.rstrip("/")
        for logical_id, address in addresses.items()
        if logical_id in hosts
    }
    return _replaced(value, replacements)


def local_outputs(deployment: Deployment, addresses: Mapping[str, str]) -> dict[str, str]:
    """The outputs of a deployment with local addresses; ``addresses`` as in `localized`."""
    outputs: dict[str, str] = localized(dict(deployment.outputs), deployment, addresses)
    return outputs


def _replaced(value: TemplateValue, replacements: Mapping[str, str]) -> TemplateValue:
    if isinstance(value, str):
        for aws, local in replacements.items():
            value = value.replace(aws, local)
        return value
    if isinstance(value, Mapping):
        return {key: _replaced(item, replacements) for key, item in value.items()}
    return [_replaced(item, replacements) for item in value] if isinstance(value, list) else value
