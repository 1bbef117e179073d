"""The items API: handlers (HTTP) -> logic (what an item is) -> data (DynamoDB)."""
