"""The function `health`: made once per execution environment, then called per request."""

import os

from health.wiring import application

handler = application(os.environ)
