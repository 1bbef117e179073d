"""The function `health`: made once per execution environment, then called per request."""

import os

from health.wiring import application, asked_by_any_event

handler = asked_by_any_event(application(os.environ))
