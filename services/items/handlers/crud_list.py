"""The function `list` of crud-api, which also says 404 and 405 for the whole API."""

import os
from functools import partial

from items.operations.list import list_items
from items.operations.wiring import application
from items.systems.crud_api import COLLECTION, crud_function

operation = partial(list_items, next_key="nextKey")
handler = application(os.environ, crud_function("GET", COLLECTION, operation))
