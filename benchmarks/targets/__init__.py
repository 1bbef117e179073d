"""What is measured: one file a program that serves, or stands for, the same API."""
