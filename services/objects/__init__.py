"""The objects API: handlers (HTTP) -> logic (what a key and its content are) -> data (S3)."""
