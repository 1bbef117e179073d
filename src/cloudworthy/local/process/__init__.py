"""Child processes that never outlive the runtime."""
