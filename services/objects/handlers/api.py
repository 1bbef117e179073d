"""The function `api`: made once per execution environment, then called per request."""

import os

from objects.handlers.wiring import application

handler = application(os.environ)
