"""Where logs, traces and API calls are kept: files of JSON lines in the state directory."""
