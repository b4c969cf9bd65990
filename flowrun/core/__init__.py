"""Decides. Sans-IO: no clock, no id, no randomness, no await and no library in this room; time arrives in events."""
