"""OpenAPI documents of the items APIs, made from what the code checks.

`python -m items.openapi DIRECTORY` writes them; a test says when those in `docs/openapi` are out
of date. Nothing in a deployed function imports this.
"""
