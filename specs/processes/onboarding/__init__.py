"""A new colleague: an account, a badge, and the sheet for the first day."""
