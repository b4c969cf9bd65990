"""Family 5, its second half: what is there now, against what the project was reviewed with."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

LOCK = (
    Entry(
        "FR520",
        "A Release that has moved",
        "Release {release}: {what}",
        "`flowrun.lock` says with which version, entry point and arguments of a Release the workflow was reviewed, and "
        "the tenant has another one now: somebody updated the Release, or it updates itself. A start names a Release "
        "and no version, so the run would get what is there. It is a warning; with `--locked` nothing starts.",
        "Look at what changed, then `flowrun lock update`, or move the Release back.",
        severity="warning",
    ),
    Entry(
        "FR521",
        "A Release that is not in the lock",
        "Release {release} of folder {folder} is not in flowrun.lock (context {context})",
        "The project has a `flowrun.lock` with Releases of this workflow, and this one is not among them. With "
        "`--locked` nothing starts.",
        "Write it: `flowrun lock` with the file of the workflow.",
        severity="warning",
    ),
)
