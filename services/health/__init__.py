"""The health route: can this system reach its table and its bucket?"""
