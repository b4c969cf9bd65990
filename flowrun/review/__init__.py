"""Review: what was looked at before, as values and as files, and how it differs from what is there now."""
