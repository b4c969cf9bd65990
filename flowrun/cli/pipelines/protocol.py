"""What a CI system must be able to: hide what it would carry out, and be told how a command ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended. `findings`: annotations in the platform's own words, a line each.

    `summary` is Markdown in parts, the most important first; `imperfect`: it succeeded, and something failed that was
    let through. `run_id` and `outputs`, JSON on one line, are those of the run that it drove, if it did.
    """

    code: int
    result: str
    message: str
    findings: str = ""
    summary: tuple[str, ...] = ()
    imperfect: bool = False
    run_id: str = ""
    outputs: str = "{}"

    def facts(self) -> dict[str, str]:
        """What later steps may want to know, each on one line."""
        facts = {"exit-code": str(self.code), "result": self.result, "summary": " ".join(self.message.split())}
        if self.run_id:
            facts |= {"run-id": self.run_id, "outputs": self.outputs}
        return facts


class Platform(Protocol):
    """One of them. Lines that are given back are written to stderr as they are."""

    @property
    def annotations(self) -> str:
        """The form of findings that it takes as annotations; empty where it has none."""
        ...

    def harmless(self, text: str) -> str:
        """The text with nothing in it that this platform would carry out."""
        ...

    def opened(self, title: str) -> Iterator[str]:
        """The beginning of lines that can be folded."""
        ...

    def closed(self) -> Iterator[str]:
        """Their end."""
        ...

    def masks(self, secrets: Iterable[str]) -> Iterator[str]:
        """Lines that make the platform hide these texts from here on."""
        ...

    def ended(self, ending: Ending, environ: Mapping[str, str]) -> Iterator[str]:
        """Tell it. Raises OSError where a file that the platform wants to have written cannot be."""
        ...


class _Nothing:
    annotations = ""

    def harmless(self, text: str) -> str:
        return text

    def opened(self, title: str) -> Iterator[str]:  # noqa: ARG002 - the protocol's
        return iter(())

    def closed(self) -> Iterator[str]:
        return iter(())

    def masks(self, secrets: Iterable[str]) -> Iterator[str]:  # noqa: ARG002 - the protocol's
        return iter(())

    def ended(self, ending: Ending, environ: Mapping[str, str]) -> Iterator[str]:  # noqa: ARG002 - the protocol's
        return iter(())


NO_PLATFORM: Platform = _Nothing()
"""No CI system, or one that has no words of its own."""
