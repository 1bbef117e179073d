"""Items of three systems: handlers (functions) -> systems (what differs between them) ->
operations (HTTP) -> logic (what an item is) -> data (DynamoDB).
"""
