"""One value of a secret in Secrets Manager, kept for a while.

Powertools' parameters feature has a cache too; it needs boto3, and its cache cannot look again
before its time, which a rotation asks for.
"""
