"""The tests of a workflow as their author writes them: `*.test.yaml` beside the spec becomes a Suite, or problems."""
