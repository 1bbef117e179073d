"""Which actions on which resources a request to the AWS endpoint needs, and under what keys."""
