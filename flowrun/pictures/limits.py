"""Limits of those who draw what is only described to them."""

MERMAID_EDGES = 500
MERMAID_TEXT = 50_000
"""`maxEdges` and `maxTextSize`, as Mermaid sets them where nobody says otherwise. Above them it draws an error."""
