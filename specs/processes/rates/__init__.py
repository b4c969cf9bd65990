"""Open items in foreign currency, valued at the end of a month."""
