"""Mixed traffic for minutes: is the end as the beginning, and does anything pile up?"""
