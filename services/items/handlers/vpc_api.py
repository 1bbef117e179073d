"""The function `api` of vpc-api."""

import os

from items.operations.wiring import application
from items.systems.vpc_api import VPC_API

handler = application(os.environ, VPC_API)
