"""The function `delete` of crud-api."""

import os

from items.operations.delete import delete_item
from items.operations.wiring import application
from items.systems.crud_api import ITEM, crud_function

handler = application(os.environ, crud_function("DELETE", ITEM, delete_item))
