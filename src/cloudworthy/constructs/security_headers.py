"""Security headers on every answer of a site."""

from typing import Final

from aws_cdk import Aws, Duration, aws_cloudfront
from constructs import Construct

# Scripts, styles and calls come from the site itself and nowhere else.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class SecurityHeaders(Construct):
    """A response headers policy with a strict content security policy."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.policy: Final = aws_cloudfront.ResponseHeadersPolicy(
            self,
            "Policy",
            # CloudFront names are global to the account: the stack and its region are part of it.
            response_headers_policy_name=f"{Aws.STACK_NAME}-{Aws.REGION}-headers",
            security_headers_behavior=_security_headers(),
            custom_headers_behavior=aws_cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    aws_cloudfront.ResponseCustomHeader(
                        header="Permissions-Policy",
                        value="camera=(), geolocation=(), microphone=(), payment=()",
                        override=True,
                    ),
                    aws_cloudfront.ResponseCustomHeader(
                        header="Cross-Origin-Opener-Policy", value="same-origin", override=True
                    ),
                ]
            ),
        )


def _security_headers() -> aws_cloudfront.ResponseSecurityHeadersBehavior:
    return aws_cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=aws_cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=CONTENT_SECURITY_POLICY, override=True
        ),
        content_type_options=aws_cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=aws_cloudfront.ResponseHeadersFrameOptions(
            frame_option=aws_cloudfront.HeadersFrameOption.DENY, override=True
        ),
        referrer_policy=aws_cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=aws_cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
        ),
        strict_transport_security=aws_cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.days(365), include_subdomains=True, override=True
        ),
    )
