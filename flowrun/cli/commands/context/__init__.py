"""`flowrun context`: one command a file, about the contexts of `flowrun.toml`."""
