"""CloudWatch alarms: defined by the template, evaluated each minute, acted upon."""
