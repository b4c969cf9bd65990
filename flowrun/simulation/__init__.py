"""A run in bad weather: the shipped engine and protocols, in virtual time, against an Orchestrator that is simulated.

Every fault is drawn from a seed, so the same seed tells the same story; what comes of it is judged by code that shares
nothing with what is judged.
"""
