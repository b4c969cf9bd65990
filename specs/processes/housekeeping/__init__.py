"""What robots do for themselves."""
