"""The workflow made concrete: a Workflow becomes a Plan, with its layers and pictures. Pure: it asks nobody outside."""
