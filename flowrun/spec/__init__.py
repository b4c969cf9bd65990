"""The author's text becomes a checked Workflow, or problems with their places. Pure: text in, no file or network."""
