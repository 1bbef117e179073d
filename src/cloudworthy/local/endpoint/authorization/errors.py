"""Why a request cannot be decided on."""

from __future__ import annotations


class UnclassifiedRequestError(Exception):
    """It is not known which actions a request needs, so that nothing allows it.

    Parameters
    ----------
    reason
        What is not understood, as the end of a sentence about the request.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The request is refused because {reason}")
        self.reason = reason
