"""One process, one loop, one journal: the engine that needs nothing."""
