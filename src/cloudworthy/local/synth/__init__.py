"""From a CDK app to a cloud assembly, and when an old one may be used again."""
