from items.data.keys import KeyShape
from items.logic.identity import created_at
from items.systems.item_api import STATUS, item_api

WEB_APP = item_api(
    KeyShape("item_id", "created_at", created_at), "/items", also_at=("/",), status=STATUS
)
