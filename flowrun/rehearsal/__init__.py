"""A run without the world: the core driven through virtual time, by a script of what becomes of each attempt.

No await, no journal, no HTTP, no clock: the same run each time, thousands of times faster than the real one.
"""
