from items.data.keys import KeyShape
from items.systems.item_api import item_api

VPC_API = item_api(KeyShape("id"), "/api/items")
