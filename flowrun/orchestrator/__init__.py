"""UiPath Orchestrator seen from a client. Knows UiPath's words, HTTP and OData; has never heard of steps or runs."""
