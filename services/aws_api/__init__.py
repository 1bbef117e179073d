"""Calls of AWS services: clients by pydynox and by botocore, and repeats."""
