"""Asynchronous invocation: events that are kept, retried, and sent on when all is said."""
