"""Family 4: the edges between steps, and fan-outs."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

GRAPH = (
    Entry(
        "FR401",
        "A need that is not a step",
        "no step `{name}` in this file",
        "`needs` names steps of the same file, spelled exactly as they are.",
    ),
    Entry(
        "FR402",
        "A step that needs itself",
        "the step `{name}` needs itself",
        "It could never start.",
        "Remove it from `needs`.",
    ),
    Entry(
        "FR403",
        "A need named twice",
        "`{name}` is named twice in these needs",
        "Once is enough, and with two entries it is not clear whether the need is optional.",
        "Remove one of the two.",
    ),
    Entry(
        "FR404",
        "A cycle",
        "these steps wait for each other: {cycle}",
        "Each step of the cycle needs the next, so none of them could ever start. The path is shown in full; "
        "one of its needs has to go.",
        "Remove one of these needs.",
    ),
    Entry(
        "FR405",
        "A finally step that needs a step of `steps`",
        "`{name}` is in `steps`, and all of those are over when `finally` begins",
        "The steps of `finally` start when every step of `steps` has ended, however it ended. Their `needs` "
        "order them among each other. What became of a step of `steps` can be read in expressions: "
        "`steps.fetch.result`.",
        "Remove it from `needs`; ask with `if: steps.{name}.result == 'succeeded'` where it matters.",
    ),
    Entry(
        "FR406",
        "A step that needs a finally step",
        "`{name}` is in `finally`, which begins when all `steps` have ended",
        "A step of `steps` cannot wait for something that comes after all of them.",
        "Move one of the two to the other map.",
    ),
    Entry(
        "FR407",
        "A fan-out without a key",
        "the legs of this fan-out are named by their index, because {reason}",
        "Each leg of a fan-out has a name in the journal, in reports and when a run is resumed. Where the "
        "values of the matrix are plain texts and numbers written in the file, they are the name. Otherwise "
        "write a `key`, such as `key: ${{ matrix.ledger.Code }}`; without one a leg is `0`, `1`, `2`, which "
        "says nothing when the list changes.",
        "Add `key: ${{{{ matrix.{name} }}}}`, with the part of the value that names it.",
        severity="warning",
    ),
    Entry(
        "FR408",
        "A fan-out without values",
        "`matrix` has no names",
        "A matrix maps names to lists of values: `matrix: {region: [EU, US]}`. A fan-out without a name would "
        "have no legs.",
        "Write `matrix: {{name: [values]}}`.",
    ),
    Entry(
        "FR409",
        "Two legs of one name",
        "two legs of this fan-out would be called {name}",
        "The values of a matrix name its legs, so each combination can be there once. `1` and `'1'` are the same name. "
        "Such a step would fail before it begins.",
        "Remove one of the two, or write a `key` that tells them apart.",
    ),
    Entry(
        "FR410",
        "Too many legs",
        "{message}",
        "A fan-out has at most 50,000 legs: the product of its values, before `exclude` is looked at, and the legs "
        "with those of `include`. Where they are known only at run time, the step fails, with the class `expression`.",
        "Split the work: let a leg handle several items, or start several runs.",
    ),
)
