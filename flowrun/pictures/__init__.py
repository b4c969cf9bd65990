"""Pictures: what is drawn, as values that know no plan and no run, and how, one file for each language. Pure."""
