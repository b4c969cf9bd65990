"""The workflow made concrete: a Workflow and its inputs become a Plan. Pure, and it asks nobody outside."""
