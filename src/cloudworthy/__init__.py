"""Serverless backends for AWS, proven on your own machine before they reach the cloud."""

__version__ = "0.1.0"
