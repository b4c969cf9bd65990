"""GitHub Actions: workflow commands, the job summary, the outputs of a step.

From docs.github.com "Workflow commands for GitHub Actions"; what the runner takes for a command, from its
ActionCommand.cs: a line that begins with `::`, and `##[` anywhere in a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flowrun.cli.pipelines.protocol import Ending

MOST_SUMMARY = 900 * 1024
"""Bytes of a step's summary. GitHub refuses all of it above 1024 KiB."""
MOST_OUTPUTS = 256 * 1024
"""Bytes of the outputs of a run that are handed on. GitHub allows a job 1 MiB in all."""

_COMMAND = re.compile(r"(?m)(^|[\r\x85\u2028\u2029])(\s*):(?=:)")
_OLD_COMMAND = re.compile(r"#(?=#\[)")
_CUT = "\n\n… cut here, for GitHub takes no longer summary: `flowrun runs report` gives it whole.\n"


class GitHub:
    """Speaks in lines of the log, and in the files that the runner names."""

    annotations = "github"

    def harmless(self, text: str) -> str:
        """`: :add-mask::` is no command, and `# #[…]` neither."""
        return _OLD_COMMAND.sub("# ", _COMMAND.sub(r"\1\2: ", text))

    def opened(self, title: str) -> Iterator[str]:
        """A group."""
        yield f"::group::{_data(title)}"

    def closed(self) -> Iterator[str]:
        """Its end."""
        yield "::endgroup::"

    def masks(self, secrets: Iterable[str]) -> Iterator[str]:
        """A command each, which the runner does not show."""
        return (f"::add-mask::{_data(secret)}" for secret in secrets)

    def ended(self, ending: Ending, environ: Mapping[str, str]) -> Iterator[str]:
        """Annotations into the log; the summary and the outputs into their files."""
        yield from ending.findings.splitlines()
        if (file := environ.get("GITHUB_STEP_SUMMARY")) and ending.summary:
            _append(Path(file), within(ending.summary, MOST_SUMMARY - _size(Path(file))))
        if file := environ.get("GITHUB_OUTPUT"):
            facts = {name: value for name, value in ending.facts().items() if len(value) <= MOST_OUTPUTS}
            _append(Path(file), "".join(f"{name}={value}\n" for name, value in facts.items()))


def within(parts: Iterable[str], room: int) -> str:
    """As many whole parts as there is room for, in bytes; of the first, as many whole lines."""
    first, *rest = parts
    text = first
    if len(text.encode()) > room:
        head = text.encode()[: max(room - len(_CUT.encode()), 0)].decode(errors="ignore")
        return head[: head.rfind("\n")] + _CUT if "\n" in head else ""
    for part in rest:
        if len(f"{text}\n{part}".encode()) <= room:
            text = f"{text}\n{part}"
    return text


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8", errors="replace") as opened:
        opened.write(text)


PLATFORM = GitHub()
