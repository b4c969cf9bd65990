"""Family 2: what does not go together in an approval."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

APPROVALS = (
    Entry(
        "FR260",
        "A key that an approval does not take",
        "an approval has `{instead}` in place of `{name}`",
        "An approval has no Jobs that could take too long: how long it waits is written in `approval.timeout`. Its "
        "outputs are `decision`, `by`, `at`, `comment` and those of `approval.inputs`; nobody promises them again.",
        "Write `{instead}`.",
    ),
    Entry(
        "FR261",
        "What no answer means, and no time for one",
        "`on_timeout` stands there without `timeout`",
        "`on_timeout` says what it means when nobody has answered in time. Without `timeout` an approval waits for "
        "ever.",
        "Add `timeout: 24h`, or remove `on_timeout`.",
    ),
    Entry(
        "FR262",
        "An input of an approval with a name that is taken",
        "an approval has an output `{name}` already",
        "What is given with an answer becomes an output of the step, beside `decision`, `by`, `at` and `comment`.",
        "Choose another name.",
    ),
    Entry(
        "FR263",
        "An approval without an answer, and an input that must be given",
        "`{name}` must be given, and where nobody answers nobody gives it",
        "With `on_timeout: approve` the step succeeds although nobody has answered. Its inputs then have their "
        "defaults.",
        "Add `default: ...`, or `required: false`.",
    ),
    Entry(
        "FR264",
        "An approval that may wait for ever",
        "nothing ends the wait if nobody answers",
        "The step has no `timeout`, nor has the workflow. A run that waits costs little, but it never says that it was "
        "forgotten.",
        "Add `timeout: 24h` to the approval.",
        severity="warning",
    ),
)
