"""The function `get` of crud-api."""

import os

from items.operations.get import get_item
from items.operations.wiring import application
from items.systems.crud_api import ITEM, crud_function

handler = application(os.environ, crud_function("GET", ITEM, get_item))
