"""The data plane of HTTP APIs (API Gateway version 2)."""
