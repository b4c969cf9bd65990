"""The engine of many machines: the same core inside a Temporal workflow. The only door to Temporal's library."""
