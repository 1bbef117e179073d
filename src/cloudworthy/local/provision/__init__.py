"""From a stack's template to resources that exist: one file a service, one deployer over them."""
