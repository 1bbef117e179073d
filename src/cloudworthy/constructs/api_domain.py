"""A domain of one's own in front of a REST API."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_apigateway, aws_certificatemanager, aws_route53, aws_route53_targets
from constructs import Construct


@dataclass(frozen=True)
class ApiDomainProps:
    """A name in a hosted zone of the account; the zone is named, never looked up."""

    domain_name: str
    hosted_zone: str
    hosted_zone_id: str


class ApiDomain(Construct):
    """A regional domain with a certificate that renews itself, and its addresses in the zone."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        props: ApiDomainProps,
        api: aws_apigateway.RestApi,
    ) -> None:
        super().__init__(scope, construct_id)
        zone = aws_route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=props.hosted_zone_id, zone_name=props.hosted_zone
        )
        self.certificate: Final = aws_certificatemanager.Certificate(
            self,
            "Certificate",
            domain_name=props.domain_name,
            validation=aws_certificatemanager.CertificateValidation.from_dns(zone),
        )
        self.domain: Final = aws_apigateway.DomainName(
            self,
            "Name",
            domain_name=props.domain_name,
            certificate=self.certificate,
            endpoint_type=aws_apigateway.EndpointType.REGIONAL,
            security_policy=aws_apigateway.SecurityPolicy.TLS_1_2,
            mapping=api,
        )
        target = aws_route53.RecordTarget.from_alias(
            aws_route53_targets.ApiGatewayDomain(self.domain)
        )
        name = f"{props.domain_name}."
        aws_route53.ARecord(self, "Ipv4", zone=zone, record_name=name, target=target)
        aws_route53.AaaaRecord(self, "Ipv6", zone=zone, record_name=name, target=target)
        self.url: Final = f"https://{props.domain_name}/"
