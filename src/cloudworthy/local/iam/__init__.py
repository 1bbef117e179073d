"""Who calls an AWS API, and whether they may."""
