"""A file that has to reach somebody, one way or another."""
