"""What a caller may set on a document of crud-api."""

from items.logic.fields import TextField
from items.logic.open_fields import OpenFields
from items.systems.crud_api import OWN

DOCUMENT_FIELDS = OpenFields(
    TextField("name", 1, 255, None, "What the document is called.", required=True),
    frozenset(OWN),
)
