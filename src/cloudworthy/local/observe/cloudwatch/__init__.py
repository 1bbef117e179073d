"""The operations of CloudWatch's API on the metrics and alarms of the stack."""
