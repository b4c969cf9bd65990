"""Azure Pipelines: logging commands, from learn.microsoft.com "Logging commands".

The agent looks for `##vso[` anywhere in a line. Its own marks for the log (`##[group]`) can only colour and fold.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flowrun.cli.pipelines.protocol import Ending

_COMMAND = re.compile(r"#(?=#(?:vso)?\[)", re.IGNORECASE)


class Azure:
    """Speaks in lines of the log. A summary is a file that the agent fetches, so it lies in the agent's folder."""

    annotations = "azure"

    def harmless(self, text: str) -> str:
        """`# #vso[…]` is no command."""
        return _COMMAND.sub("# ", text)

    def opened(self, title: str) -> Iterator[str]:
        """A group."""
        yield f"##[group]{' '.join(title.split())}"

    def closed(self) -> Iterator[str]:
        """Its end."""
        yield "##[endgroup]"

    def masks(self, secrets: Iterable[str]) -> Iterator[str]:
        """A command for each line of them, for the agent hides lines."""
        for secret in secrets:
            yield from (f"##vso[task.setsecret]{_data(line)}" for line in secret.splitlines() if line)

    def ended(self, ending: Ending, environ: Mapping[str, str]) -> Iterator[str]:
        """Issues, the summary, output variables, and a result of its own where it is between good and bad."""
        yield from ending.findings.splitlines()
        if ending.summary:
            yield f"##vso[task.uploadsummary]{_file(ending.summary[0], environ.get('AGENT_TEMPDIRECTORY'))}"
        for name, value in ending.facts().items():
            yield f"##vso[task.setvariable variable={name.replace('-', '_')};isOutput=true]{_data(value)}"
        if ending.code == 0 and ending.imperfect:
            yield f"##vso[task.complete result=SucceededWithIssues]{_data(ending.message)}"


def _file(text: str, folder: str | None) -> Path:
    """A new file with this text, by its absolute path."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", dir=folder or None, prefix="flowrun-", suffix=".md", delete=False
    ) as opened:
        opened.write(text)
    return Path(opened.name).absolute()


def _data(text: str) -> str:
    return _COMMAND.sub("# ", text).replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


PLATFORM = Azure()
