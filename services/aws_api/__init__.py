"""Calls of AWS services: clients by botocore, which the Lambda runtime brings, and repeats."""
