"""Security headers on every answer of a site."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Aws, Duration, aws_cloudfront
from constructs import Construct

# Scripts, styles and calls come from the site itself; only calls go elsewhere, where it is named.
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src {connects_to}",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)


class SecurityHeaders(Construct):
    """A response headers policy with a strict content security policy.

    The page may call its own site, and the origins in `connects_to`.
    """

    def __init__(
        self, scope: Construct, construct_id: str, connects_to: Sequence[str] = ()
    ) -> None:
        super().__init__(scope, construct_id)
        self.policy: Final = aws_cloudfront.ResponseHeadersPolicy(
            self,
            "Policy",
            # CloudFront names are global to the account: the stack and its region are part of it.
            response_headers_policy_name=f"{Aws.STACK_NAME}-{Aws.REGION}-headers",
            security_headers_behavior=_security_headers(connects_to),
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


def _security_headers(
    connects_to: Sequence[str],
) -> aws_cloudfront.ResponseSecurityHeadersBehavior:
    policy = "; ".join(_CONTENT_SECURITY_POLICY)
    return aws_cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=aws_cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=policy.format(connects_to=" ".join(("'self'", *connects_to))),
            override=True,
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
