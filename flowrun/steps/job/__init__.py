"""A job step: starts Jobs of a Release once, watches them to their end, stops them when the run is ended."""
