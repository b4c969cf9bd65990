"""`flowrun lock`: which versions of Releases the project was reviewed with. One file a command."""
