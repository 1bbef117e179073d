"""The function `update` of crud-api."""

import os
from functools import partial

from items.operations.update import update_item
from items.operations.wiring import application
from items.systems.crud_api import ITEM, crud_function
from items.systems.document_fields import DOCUMENT_FIELDS

operation = partial(update_item, fields=DOCUMENT_FIELDS)
handler = application(os.environ, crud_function("PUT", ITEM, operation))
