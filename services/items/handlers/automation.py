"""The function `api` of automation."""

import os

from items.operations.wiring import application
from items.systems.automation import AUTOMATION

handler = application(os.environ, AUTOMATION)
