"""What authorizers of every kind of API have in common."""
