"""Who may go on while others do: slots of pools, turns in a concurrency group, runs with the same key. Sans-IO."""
