"""What a run came to: a fold over its events, and the ways to write it down. Pure: no clock, no file."""
