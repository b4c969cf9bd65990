"""What a page shows beside what was said: the same but for times, ids, and what stands for `…`."""

from __future__ import annotations

import re
from itertools import groupby

RUN = re.compile(r"\b20\d{6}-\d{4}-[a-z0-9]{6}\b")
_VOLATILE = [
    (RUN, "RUN"),
    (re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "MOMENT"),
    (re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"), "MOMENT"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "CLOCK"),
    (re.compile(r"\b(\d+h )?(\d+m )?\d+(\.\d+)?(s|ms)\b"), "TIME"),
    (re.compile(r"\bJobs? \d+"), "JOB"),
    (re.compile(r"\[batch-\d+\]"), "[BATCH]"),
    (re.compile(r" on [a-z]+\b"), " on ROBOT"),
    (re.compile(r"\bby \w+, flowrun"), "by PERSON, flowrun"),
    (re.compile(r"\b[\d.]+ s, [\d,]+ times as fast"), "SOON, MANY times as fast"),
    (re.compile(r"sha256:[0-9a-f]+"), "sha256:DIGEST"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://LOOPBACK"),
    (re.compile(r"  +"), "  "),
]


def settled(line: str) -> str:
    """The line without what differs from run to run."""
    for pattern, word in _VOLATILE:
        line = pattern.sub(word, line)
    return line.rstrip()


def difference(shown: list[str], said: list[str]) -> str:
    """The first line that a page shows and nobody said; nothing where all was said.

    Lines of a running log may come in another order, since Jobs do, and nobody may have seen a short one running.
    Without a line `…` nothing else may be said.
    """
    wanted, got = _steady(shown), _steady(said)
    whole = "…" not in wanted
    if whole:
        return _first_other(_ordered(wanted), _ordered(got))
    at = 0
    for line in wanted:
        if line == "…":
            continue
        places = [number for number, one in enumerate(got) if _like(line, one) and (_logged(line) or number >= at)]
        if not places:
            return f"nobody says: {line}"
        at = at if _logged(line) else places[0] + 1
    return ""


def _steady(lines: list[str]) -> list[str]:
    settled_lines = (settled(line) for line in lines)
    return [line for line in settled_lines if not (_logged(line) and re.search(r" running( \w+)?$", line))]


def _ordered(lines: list[str]) -> list[str]:
    """Lines of a log that follow each other, in the order of the alphabet; others as they are."""
    parts = [(logged, list(part)) for logged, part in groupby((one for one in lines if one), _logged)]
    return [line for logged, part in parts for line in (sorted(part) if logged else part)]


def _first_other(wanted: list[str], got: list[str]) -> str:
    for shown, said in zip(wanted, got, strict=False):
        if not _like(shown, said):
            return f"shown: {shown}\n said: {said}"
    if len(wanted) != len(got):
        return f"shown are {len(wanted)} lines, said are {len(got)}: {(wanted + got)[-1]}"
    return ""


def _like(shown: str, said: str) -> bool:
    """Whether they are the same, `…` standing for anything."""
    return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), said) is not None


def _logged(line: str) -> bool:
    return line.startswith("CLOCK ")
