"""One command a file, each over one function of `flowrun.api`; imported when it is called."""
