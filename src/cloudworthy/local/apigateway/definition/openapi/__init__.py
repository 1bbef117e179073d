"""OpenAPI documents of REST APIs, turned into the resources that they stand for."""

from cloudworthy.local.apigateway.definition.openapi.expansion import with_openapi

__all__ = ["with_openapi"]
