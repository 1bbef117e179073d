"""Clients of AWS services by botocore alone, which the Lambda runtime brings."""
