"""E-mail that would have left the machine."""
