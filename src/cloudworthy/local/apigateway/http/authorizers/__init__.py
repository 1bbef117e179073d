"""Who may call a route of an HTTP API."""
