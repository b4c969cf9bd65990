"""Advice: files that run, and hold something that their author would want to know. Codes of families 2 to 4 from x50.

A code stands here only if it is never raised about a file that is as it should be, or if the file can say in a word
that it is meant.
"""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

ON_VALUES = (
    Entry(
        "FR250",
        "A time that is never reached",
        "`{name}` is longer than the `timeout` of the whole run, which ends the step first",
        "The `timeout` at the top of the file counts everything. A step that may take longer than the whole run is "
        "ended with the run, cause `run_timeout`, and its own error class never comes up.",
        "Make this one shorter, or the one of the run longer.",
        severity="warning",
    ),
    Entry(
        "FR251",
        "A wait that is always cut off",
        "the wait is longer than {reason}, so it never comes to its end",
        "`timeout` counts while a step waits, that of `defaults` too. A wait that is longer always ends as a failure.",
        "Give the wait a `timeout` that is longer, or a shorter `for`.",
        severity="warning",
    ),
    Entry(
        "FR252",
        "A fan-out wider than the run",
        "{most} legs at once, and the run has {whole} places for all its steps",
        "`max_parallel` at the top of the file counts the steps and legs of the whole run. A larger number in a "
        "fan-out has no effect.",
        "Raise `max_parallel` at the top, or leave this one out.",
        severity="warning",
    ),
    Entry(
        "FR253",
        "A retry rule without effect",
        "this rule changes nothing: {reason}",
        "The first rule whose `errors` and `match` fit decides, even when its own tries are used up. A rule behind one "
        "that fits everything it fits is never asked. `max: 0` keeps errors from the rules after it, so it does "
        "nothing as the last one.",
        "Move it to the front, or remove it.",
        severity="warning",
    ),
    Entry(
        "FR254",
        "An error class that cannot happen",
        "`{name}` cannot happen here: {reason}",
        "Classes such as `timeout` and `pending_timeout` exist for steps that set these times, or whose `defaults` do. "
        "It is told where no class of a list can happen, so that the list does nothing.",
        "Set the time, or remove the class.",
        severity="warning",
    ),
    Entry(
        "FR255",
        "`any` of one Job",
        "one start of this step makes one Job, so `any` is the same as `all`",
        "`jobs_succeed` is about starts that make several Jobs: `jobs_count` above 1, `All`, or `Specific` with "
        "several robots. In a fan-out each leg is a start of its own; there `tolerate` says how many may fail.",
        "Remove it, or say `jobs_count: 2`. For legs of a fan-out write `tolerate`.",
        severity="warning",
    ),
    Entry(
        "FR256",
        "An input that is required and has a default",
        "`required: true` has no effect beside a default: the input is never missing",
        "An input without `default` must be given. With one, nobody needs to give it.",
        "Keep one of the two.",
        severity="warning",
    ),
)

ON_EXPRESSIONS = (
    Entry(
        "FR350",
        "A comparison that always says the same",
        "{message}",
        "What an input, an output or a field is declared to be, this comparison can have one answer only. Usually the "
        "word on the other side is misspelt (`'success'` where the results are `succeeded`, `failed`, `skipped`, "
        "`cancelled`), or a number is compared with a text.",
        severity="warning",
    ),
    Entry(
        "FR351",
        "An output that may not be there",
        "`steps.{step}.outputs.{name}` may be missing here: {reason}",
        "An output of a step that did not succeed is absent, and an expression that reads it fails, with the error "
        "class `expression`. That is told here because it happens on bad days only. An expression that asks "
        "(`is defined`, `default(...)`), an `if` that asks about the step, or a `default` in the declaration of the "
        "output is enough.",
        "Declare `{name}: {{default: ...}}` in the outputs of `{step}`, or write `| default(...)`.",
        severity="warning",
    ),
)

ON_GRAPH = (
    Entry(
        "FR450",
        "A step that never runs",
        "this step never runs{also}: {reason}",
        "However the steps before it end, the `if` of this step is false. Without a status function an `if` is asked "
        "only when all needs have succeeded; `failure()` asks about the steps in `needs`. What needs the step plainly "
        "never runs either.",
        "Correct the `if`, or remove the step.",
        severity="warning",
    ),
    Entry(
        "FR451",
        "A skip that is handed on",
        "when `{name}` has nothing to do and is skipped, `{step}` is skipped too, {why}",
        "A step needs all its plain needs to have run. Where one of them has an `if` and another branch has none, the "
        "work of that branch is often not meant to be lost: the need is *optional*. In a list each item needs the one "
        "before it in the same way.",
        "Write `{{step: {name}, optional: true}}` to go on all the same, `optional: false` if it is meant.",
        severity="warning",
    ),
    Entry(
        "FR452",
        "A fan-out that never has legs",
        "the matrix comes to no legs",
        "One of its lists is empty, or `exclude` leaves nothing. The step does nothing, and succeeds.",
        "Give each name of the matrix at least one value.",
        severity="warning",
    ),
    Entry(
        "FR453",
        "An exclusion that excludes nothing",
        "this entry fits no combination: {reason}",
        "An entry of `exclude` drops the combinations that agree with all it names. One that agrees with none is "
        "usually misspelt, or left over.",
        "Correct it, or remove it.",
        severity="warning",
    ),
    Entry(
        "FR454",
        "One key for all legs",
        "every leg of this fan-out would be called {key_text}",
        "The key of a leg must tell it from the others, so it reads the `matrix`. Two legs of one name end the step "
        "before it begins.",
        "Write `key: ${{{{ matrix.name }}}}`.",
        severity="warning",
    ),
    Entry(
        "FR455",
        "A fan-out that cannot fail",
        "as many legs are tolerated as there are: however many fail, the step succeeds{moot}",
        "With `tolerate: 100%`, or a count of all its legs, nobody hears of the failures. `continue_on_error` lets the "
        "run go on in the same way, and says so: the run ends with a warning.",
        "Tolerate fewer, or write `continue_on_error: true` instead.",
        severity="warning",
    ),
)
