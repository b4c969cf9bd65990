"""The commands below `flowrun import`, each with a file of its own."""
