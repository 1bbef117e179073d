"""The tags that every taggable resource of a system carries."""

from collections.abc import Mapping

from aws_cdk import Tags
from constructs import IConstruct


def tag_all(scope: IConstruct, tags: Mapping[str, str]) -> None:
    """Put tags on every taggable resource below a construct, present and future."""
    for key, value in tags.items():
        Tags.of(scope).add(key, value)
