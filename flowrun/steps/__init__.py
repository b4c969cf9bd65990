"""Kinds of steps: where the workflow's words meet UiPath's. Nothing here knows time, HTTP or files but by a protocol.

`kinds` is the list of what an author may write; `build` makes what carries it out.
"""
