"""The function `authorizer` of a system with `auth=jwt`: made once, then called per token."""

import os

from authorizer.jwt_wiring import jwt_authorizer

handler = jwt_authorizer(os.environ)
