"""Family 3: expressions, what they say and what they refer to."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

EXPRESSIONS = (
    Entry(
        "FR301",
        "An expression that cannot be read",
        "{message}",
        "Between `${{` and `}}` stands one Jinja2 expression: names, numbers, texts in quotes, comparisons, "
        "`and`, `or`, `not`, and filters after a `|`.",
    ),
    Entry(
        "FR302",
        "Something that expressions may not do",
        "{message}",
        "Expressions read values and compute with them. They have no statements, loops or calls except the "
        "status functions, and only the filters and tests that the language reference lists, so that a "
        "workflow file can do no harm on the machine that runs it.",
    ),
    Entry(
        "FR303",
        "Another template language",
        "{message}",
        "`{{ ... }}` and `{% ... %}` belong to other tools. In a workflow an expression is `${{ ... }}`; "
        "without the dollar sign it would stay text and reach the robot as it stands.",
    ),
    Entry(
        "FR304",
        "An expression without its end",
        "{message}",
        "Every `${{` needs a `}}`. A quote that is opened inside an expression must be closed inside it.",
    ),
    Entry(
        "FR305",
        "An expression that is too large",
        "{message}",
        "Expressions are limited in length and depth. What needs more is work for an automation.",
    ),
    Entry(
        "FR306",
        "A status function outside of `if`",
        "{message}",
        "`success()`, `failure()`, `cancelled()` and `always()` ask whether a step is to run, so they stand "
        "in `if` alone. Elsewhere ask for the result itself: `steps.fetch.result == 'succeeded'`.",
    ),
    Entry(
        "FR307",
        "A name that does not exist",
        "there is no name `{name}` here",
        "An expression can read `inputs`, `steps`, `run`, `workflow` and, in a fan-out, `matrix`. Texts need quotes.",
    ),
    Entry(
        "FR308",
        "An input that does not exist",
        "there is no input `{name}`",
        "`inputs.X` reads an input that is declared under `inputs` at the top of the file.",
    ),
    Entry(
        "FR309",
        "A step that does not exist",
        "there is no step `{name}`",
        "`steps.X` reads what became of the step `X` of this file.",
    ),
    Entry(
        "FR310",
        "A step that may not have run yet",
        "`{name}` does not come before `{step}`, so its values may not exist yet",
        "A step can read what became of the steps that it needs, directly or through others. Nothing orders "
        "these two, so the value would be there on some days only.",
    ),
    Entry(
        "FR311",
        "A step has no such field",
        "`steps.{step}` has no `{name}`",
        "Of a step an expression can read `result`, `outcome`, `cause`, `outputs`, `jobs`, `attempt` and "
        "`error`, and of a step with a fan-out also `legs`.",
    ),
    Entry(
        "FR312",
        "An output that is not declared",
        "the step `{step}` declares no output `{name}`",
        "The step has an `outputs` contract, and this name is not in it. Only declared outputs are checked "
        "and passed on. A step that runs a file gives the `outputs` of that file.",
    ),
    Entry(
        "FR313",
        "`matrix` outside of a fan-out",
        "there is no `matrix` here: {reason}",
        "`matrix.X` is the value of one leg of a fan-out. It exists in the fields of the step that has the "
        "`fan_out`, and not in its `if` or in the matrix itself, which are asked before there are legs.",
    ),
    Entry(
        "FR314",
        "A matrix name that does not exist",
        "the matrix of this step has no `{name}`",
        "`matrix.X` reads one of the names under `fan_out.matrix`, or a key of an `include` entry.",
    ),
    Entry(
        "FR315",
        "A step that reads itself",
        "the step `{name}` cannot read its own result",
        "The values of a step exist once it has ended.",
        "Read a step that comes before it.",
    ),
    Entry(
        "FR316",
        "A field that does not exist",
        "`{root}` has no `{name}`",
        "`run` has `id` and `started_at`; `workflow` has `name`.",
    ),
    Entry(
        "FR318",
        "An expression where none is evaluated",
        "`{name}` takes a plain value, and no expression",
        "The shape of a workflow (its edges, limits, times and contracts) is fixed before it starts, so that "
        "`plan` can show it. Expressions stand where the values of one step are made: in `input_arguments` "
        "and the other fields of a Job, in `if`, in `wait`, in the values of a matrix and in the workflow's "
        "`outputs`.",
        "Write the value itself.",
    ),
    Entry(
        "FR320",
        "A name that has no value before there is a run",
        "`{name}` has no value yet when this is made",
        "A run key, and the name of a concurrency group, say what a run is for before it begins. They can read "
        "`inputs`, `env` and `workflow`, and nothing that the run itself makes.",
        "Read an input.",
    ),
    Entry(
        "FR321",
        "`run.key` without a run key",
        "`run.key` has no value, because the workflow has no `run_key`",
        "`run.key` is what `run_key` at the top of the file came to.",
        "Add `run_key: ...` to the top of the file, or read `run.id`.",
    ),
    Entry(
        "FR340",
        "An operation that cannot work",
        "{message}",
        "What the file declares of its inputs and outputs is enough to see that this fails whenever it is evaluated: a "
        "text that is subtracted, the length of a number, a field of a text.",
    ),
    Entry(
        "FR341",
        "An expression of the wrong type",
        "{message}",
        "The value is certainly of another type than its place takes: an `if` is true or false, a matrix has lists, "
        "inside text stand texts, numbers and booleans.",
    ),
)
