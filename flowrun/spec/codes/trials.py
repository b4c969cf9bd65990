"""Family 7: the tests of a workflow."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

TRIALS = (
    Entry(
        "FR701",
        "A workflow that is not there",
        "the workflow `{name}` {reason}",
        "A test file belongs to one workflow: the file beside it with the same name without `.test`, or the one that "
        "`workflow` names, as a path from the test file. A workflow that has problems of its own is shown with them.",
    ),
    Entry(
        "FR702",
        "A test of a step that is not there",
        "the workflow has no step `{name}`",
        "`jobs`, `answers`, `expect.steps`, `order` and `never_started` name steps of the workflow by their ids, and a "
        "leg as `post[EU]`.",
    ),
    Entry(
        "FR703",
        "A script for another kind of step",
        "`{name}` is a step of the kind `{kind}`, and `{script}` is for {kinds}",
        "`jobs` says what becomes of Jobs, `answers` what people say to approvals, `workflows` what becomes of files "
        "that steps run. A step that waits needs none of them: its time passes by itself.",
    ),
    Entry(
        "FR704",
        "A leg of a step that has none",
        "`{name}` has no legs: it is no fan-out",
        "Only a step with `fan_out` has legs. Of any other, write what it comes to directly.",
        "Remove it.",
    ),
    Entry(
        "FR705",
        "An output or an argument that the step does not have",
        "{name} has no {what} `{word}`",
        "Where a step declares `outputs`, nobody can read others, so a test that lets its Jobs return others, or "
        "expects them, is mistaken. The same holds for the names in `input_arguments`, and for the outputs of the "
        "workflow.",
    ),
    Entry(
        "FR706",
        "Two ways to end",
        "`{first}` and `{second}` do not go together",
        "An attempt ends in one way: its one Job does (`state`, `info`, `outputs`), or each of several (`jobs`), or it "
        "comes to an `error` without them.",
        "Remove one of the two.",
    ),
    Entry(
        "FR707",
        "Two tests of one name",
        "there are two tests called `{name}`",
        "The name of a test says what it shows, stands in reports, and picks the test with `-k`.",
    ),
    Entry(
        "FR708",
        "A file without tests",
        "`tests` has no test",
        "A test file holds a list of tests under `tests`, each with a `name` and with what it must `expect`.",
        "Write `tests: [{{name: it works, expect: {{result: succeeded}}}}]`.",
    ),
    Entry(
        "FR709",
        "A test that expects nothing",
        "`expect` is empty",
        "A test that expects nothing can only fail by accident.",
        "Write `expect: {{result: succeeded}}`, for one.",
    ),
    Entry(
        "FR710",
        "What came out is not what was expected",
        "expected {expected}, found {found}",
        "The test was carried out, and something came of it that its `expect` does not say. Only what is written is "
        "looked at; of arguments and outputs the names that are written, each with its whole value.",
    ),
    Entry(
        "FR711",
        "A Job of which the test says nothing",
        "the test does not say what {name} returns, and the step promises {promised}",
        "A step without an entry in `jobs` succeeds at once and gives no outputs. Where its contract requires some, or "
        "where no entry fits this leg or attempt, nobody can know what its Jobs return: nothing is made up.",
    ),
    Entry(
        "FR712",
        "A script that nothing asked for",
        "nothing came to this: {why}",
        "An entry of a script that no attempt used is a slip, or the run went another way than the test believes. "
        "What stands at the top of the file, for all tests, may stay unused in some.",
    ),
    Entry(
        "FR713",
        "A run that never ends",
        "after {took} the run waits for ever: {waits}",
        "Nothing is left that could happen: an approval that nobody answers and that has no `timeout`, Jobs that run "
        "`forever` in a step without `timeout`, or a run whose turn never comes.",
    ),
    Entry(
        "FR714",
        "More or fewer Jobs than one start makes",
        "`jobs` says how {said} Jobs end, and one start of {name} makes {made}",
        "Where one start makes several Jobs, `jobs` inside an entry has an item for each of them.",
    ),
)
