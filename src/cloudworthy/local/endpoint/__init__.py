"""The AWS endpoint: every SDK call of a function passes here.

The stages of a call, one file each: parse, identify, classify, (decide, in ``iam``), route,
respond.
"""
