"""CloudWatch metrics: kept by the minute, queried by period and statistic."""
