"""What the roles and resource policies of the stack that runs allow its functions to do."""
