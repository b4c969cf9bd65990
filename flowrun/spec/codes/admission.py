"""Family 2: pools, run keys and concurrency groups."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

ADMISSION = (
    Entry(
        "FR270",
        "A pool that does not exist",
        "the workflow has no pool `{name}`",
        "A step takes slots of pools that the top of the file declares, with how many slots each has: "
        "`pools: {sap: 2}`.",
        "Declare it at the top: `pools: {{{name}: 1}}`.",
    ),
    Entry(
        "FR271",
        "More slots than there are",
        "the step takes {count} slots of `{name}`, which has {most}",
        "All slots of a step are taken together, so a step that wants more of them than there are would wait for ever.",
        "Take at most {most}, or give the pool more slots.",
    ),
    Entry(
        "FR272",
        "A pool that nobody uses",
        "no step takes slots of the pool `{name}`",
        "A pool holds back the steps that name it, and no others. Often a step that should name it does not.",
        "Add `pools: [{name}]` to the steps that it is for, or remove it.",
        severity="warning",
    ),
    Entry(
        "FR273",
        "A pool named twice",
        "the pool `{name}` is named twice",
        "A list of pools takes one slot of each. Two slots of one pool are written in a map.",
        "Write `pools: {{{name}: 2}}` for two slots, or remove one of them.",
    ),
    Entry(
        "FR274",
        "`on_duplicate` without a run key",
        "`on_duplicate` has no effect without `run_key`",
        "It says what becomes of a run whose key another run has, and runs of this workflow have none.",
        "Add `run_key: ...`, or remove `on_duplicate`.",
    ),
    Entry(
        "FR275",
        "A run key that is always the same",
        "`run_key` reads nothing, so every run has the same key",
        "The same key twice is the same run: the second time, and ever after, the first run is given back. A key says "
        "what the run is for, such as a day or a customer.",
        "Read an input in it: `run_key: nightly-${{{{ inputs.day }}}}`.",
        severity="warning",
    ),
    Entry(
        "FR276",
        "A key or a group that comes to nothing",
        "`{name}` comes to {found}",
        "A run key and the name of a concurrency group are texts or numbers of 1 to 200 characters. They are made when "
        "the run is, from its inputs.",
    ),
)
