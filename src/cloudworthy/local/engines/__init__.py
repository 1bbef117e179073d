"""Child processes that carry out AWS API calls, and the endpoint that may stand in for one."""
