"""`flowrun runs`: one command a file, about runs that there are already."""
