"""A CloudFront distribution on one machine: behaviours, origins, headers; no edge, no cache."""
