"""GitLab CI: sections of the log that can be folded. All else it takes from files, such as `--report dotenv=run.env`.

From docs.gitlab.com "Job logs". A section begins and ends with a line that only control characters make one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping

from flowrun.cli.pipelines.protocol import Ending

_SECTION = re.compile(r"(section_(?:start|end)):(?=\d)")
_NAME = "flowrun"


class GitLab:
    """Speaks in marks of the log alone."""

    annotations = ""

    def harmless(self, text: str) -> str:
        """A mark with a blank in it is none."""
        return _SECTION.sub(r"\1 :", text)

    def opened(self, title: str) -> Iterator[str]:
        """A section."""
        yield f"\x1b[0Ksection_start:{int(time.time())}:{_NAME}\r\x1b[0K{' '.join(title.split())}"

    def closed(self) -> Iterator[str]:
        """Its end."""
        yield f"\x1b[0Ksection_end:{int(time.time())}:{_NAME}\r\x1b[0K"

    def masks(self, secrets: Iterable[str]) -> Iterator[str]:  # noqa: ARG002 - the protocol's
        """It masks variables by its own settings, and takes no word of ours."""
        return iter(())

    def ended(self, ending: Ending, environ: Mapping[str, str]) -> Iterator[str]:  # noqa: ARG002 - the protocol's
        """There is nothing that it would read in a log."""
        return iter(())


PLATFORM = GitLab()
