"""Names in DNS and their certificates: this machine has neither, so they are declared only.

A custom domain of an API is answered by the API's listener, under its ``Host`` header.
"""

from __future__ import annotations

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.names import HEXADECIMAL, UPPERCASE, uuid_text
from cloudworthy.local.provision.resource_type import Recorded, Wanted


def _certificate_arn(wanted: Wanted) -> str:
    return wanted.site.arn("acm", f"certificate/{uuid_text(wanted.token(32, HEXADECIMAL))}")


def _hosted_zone_attributes(_wanted: Wanted, zone_id: str) -> dict[str, TemplateValue]:
    return {"Id": zone_id, "NameServers": [f"ns-{number}.invalid" for number in range(1, 5)]}


# Source of Ref, GetAtt and replacement: CloudFormation template reference, Certificate Manager
# and Route 53 (documented).
TYPES = (
    Recorded(
        "AWS::CertificateManager::Certificate",
        inert="CertificateAuthorityArn CertificateExport CertificateTransparencyLoggingPreference "
        "DomainName DomainValidationOptions KeyAlgorithm SubjectAlternativeNames Tags "
        "ValidationMethod",
        replaced_by="CertificateAuthorityArn CertificateExport DomainName "
        "DomainValidationOptions KeyAlgorithm SubjectAlternativeNames",
        declared_only=True,
        identify=_certificate_arn,
        attributes=lambda _wanted, arn: {"CertificateArn": arn},
    ),
    Recorded(
        "AWS::Route53::HostedZone",
        inert="DelegationSetId HostedZoneConfig HostedZoneFeatures HostedZoneTags Name "
        "QueryLoggingConfig VPCs",
        replaced_by="DelegationSetId Name",
        declared_only=True,
        identify=lambda wanted: "Z" + wanted.token(20, UPPERCASE),
        attributes=_hosted_zone_attributes,
    ),
    Recorded(
        "AWS::Route53::RecordSet",
        inert="AliasTarget CidrRoutingConfig Comment Failover GeoLocation GeoProximityLocation "
        "HealthCheckId HostedZoneId HostedZoneName MultiValueAnswer Name Region ResourceRecords "
        "SetIdentifier TTL Type Weight",
        replaced_by="HostedZoneId HostedZoneName",
        declared_only=True,
        identify=lambda wanted: wanted.text("Name"),
    ),
)
