"""The function `api` of web-app: made once per execution environment, then called per request."""

import os

from items.operations.wiring import application
from items.systems.web_app import WEB_APP

handler = application(os.environ, WEB_APP)
