"""The local runtime: runs a synthesized CDK app on one machine."""
