"""What checking came to, for other programs: code scanners, code quality reports, annotations, test reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flowrun.api.roots import placing
from flowrun.errors import Problem, UsageError
from flowrun.report.findings import WRITERS
from flowrun.report.findings.finding import Finding, Place, of_problems
from flowrun.spec.problems import render_all
from flowrun.trials.junit import Case, junit

DIAGNOSTICS = ("sarif", "gitlab", "junit")
"""The forms that a file of diagnostics can have."""


@dataclass(frozen=True, slots=True)
class Page:
    """Problems of one text. `others`: the texts of further files that some of them are in, by their names."""

    file: str
    text: str
    problems: tuple[Problem, ...]
    others: Mapping[str, str] = field(default_factory=dict)

    def render(self, *, color: bool, fixes: bool = False) -> str:
        """As people read them. `fixes`: with how to have those put right that have a fix."""
        return render_all(self.problems, self.text, self.file, color=color, others=self.others, fixes=fixes)


def findings(pages: Iterable[Page], place: Place | None = None) -> list[Finding]:
    """The problems of all pages, with the files as the repository knows them; one that stands on two pages once."""
    place = place or placing()
    found = (one for page in pages for one in of_problems(page.problems, page.file, place))
    return list(dict.fromkeys(found))


def diagnostics(form: str, pages: Sequence[Page]) -> str:
    """Files that were checked, in one of the forms of findings, or as JUnit: a case for each file.

    In JUnit, a file that has warnings alone is a case that passed. Raises UsageError for another form.
    """
    if form == "junit":
        return junit({page.file: [_case(page)] for page in pages}, "flowrun")
    if form not in WRITERS:
        raise UsageError(f"there is no form {form!r}", hint=", ".join(DIAGNOSTICS))
    return WRITERS[form](findings(pages, str if form == "concise" else None))  # a terminal knows files from its folder


def _case(page: Page) -> Case:
    errors = tuple(one for one in page.problems if one.severity == "error")
    return Case("is valid", 0.0, errors, page.render(color=False) if errors else "")
