"""Somebody else's server, which happens to be in our wheel: it shares the wire and the errors with us, nothing more."""
