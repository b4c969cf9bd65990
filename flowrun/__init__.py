"""flowrun: workflows of UiPath Orchestrator Jobs. An empty hall; every room is entered by its own name."""
