"""The function `authorizer`: made once per execution environment, then called per token."""

import os

from authorizer.wiring import token_authorizer

handler = token_authorizer(os.environ)
