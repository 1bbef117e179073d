"""The function `create` of crud-api."""

import os
from functools import partial

from items.operations.create import create_item
from items.operations.wiring import application
from items.systems.crud_api import COLLECTION, crud_function
from items.systems.document_fields import DOCUMENT_FIELDS

operation = partial(create_item, fields=DOCUMENT_FIELDS)
handler = application(os.environ, crud_function("POST", COLLECTION, operation))
