"""Lambda authorizers: may this caller call?"""
