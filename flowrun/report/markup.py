"""Markup: text of strangers, made safe to stand in Markdown."""

from __future__ import annotations

import re

from flowrun.report.reason import told

_MARKUP = re.compile(r"([\\`*_\[\]#!|~<>&@:])")
_MOST_TEXT = 500


def escaped(text: str) -> str:
    """The text with nothing in it that Markdown or HTML would act on, on one line."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[1])};", told(text, _MOST_TEXT))
