"""`flowrun jobs`: one command a file, each one call of Orchestrator's API guide, about Jobs of no run in particular."""
