"""Integrations other than the proxy to a function: what goes out, who answers, what comes back."""
