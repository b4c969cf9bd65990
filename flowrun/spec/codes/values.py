"""Family 2: single values, and keys that do not go together."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

VALUES = (
    Entry(
        "FR201",
        "Not a duration",
        "{found} is not a duration",
        "Durations are numbers with their units: `90s`, `15m`, `1h30m`, `2d`, or ISO 8601 (`PT15M`). A number "
        "alone is refused, because nobody can see whether it means seconds or minutes.",
        "Write a number with its unit: 90s, 15m, 1h30m, 2d.",
    ),
    Entry(
        "FR202",
        "A number out of range",
        "{found} is out of range: {bound}",
        "This key takes numbers within limits.",
    ),
    Entry(
        "FR203",
        "Not a release key",
        "{found} is not a UUID",
        "`release_key` is the key of a Release, such as `795cbab2-8008-4a54-b1cb-f9ff1ece139e`. The name of a "
        "Release goes into `release`.",
        "Write `release: ...` if this is the name of the Release.",
    ),
    Entry(
        "FR204",
        "Not a regular expression",
        "the pattern cannot be read: {reason}",
        "Patterns are regular expressions as Python knows them. In YAML they belong inside single quotes, "
        "where a backslash is a backslash.",
    ),
    Entry(
        "FR205",
        "A number with a leading zero",
        "`{text}` {reading}",
        "YAML 1.2 reads `0065` as 65, older readers as 53, and Orchestrator turns such an argument into 53. "
        "flowrun does not choose.",
        "Write `{decimal}` for the number, or `'{text}'` for the text.",
    ),
    Entry(
        "FR206",
        "A Release named twice",
        "`release` and `release_key` both say which Release it is",
        "A Release is named by its name in the folder or by its key. Where both stood there, they could "
        "contradict each other.",
        "Keep one of the two.",
    ),
    Entry(
        "FR207",
        "Specific without robots",
        "the strategy Specific names no robots",
        "`Specific` starts one Job on each robot that is named.",
        "Add `robots: [...]` or `robot_ids: [...]`, or use another strategy.",
    ),
    Entry(
        "FR208",
        "Robots that the strategy ignores",
        "`{name}` has no effect with the strategy {strategy}{default}",
        "Only the strategy `Specific` looks at the robots that a step names; every other one chooses by itself.",
        "Write `strategy: Specific`, or remove `{name}`.",
    ),
    Entry(
        "FR209",
        "Robots named twice",
        "`robots` and `robot_ids` both say which robots it is",
        "Robots are named by their names or by their ids.",
        "Keep one of the two.",
    ),
    Entry(
        "FR210",
        "A count that the strategy ignores",
        "`jobs_count` has no effect with the strategy {strategy}",
        "`All` starts a Job on every robot and `Specific` on those that are named. Only `RobotCount`, "
        "`JobsCount` and `ModernJobsCount` take a number.",
        "Remove `jobs_count`, or use `ModernJobsCount`.",
    ),
    Entry(
        "FR211",
        "A start field that flowrun sets",
        "`{name}` cannot be set here: {owner}",
        "`start` passes fields on to the start of the Job as they are. Some of them have a key of their own "
        "in a step, and with two of them flowrun marks its Jobs, which is how it finds them again after a "
        "crash.",
        "Remove `{name}` from `start`.",
    ),
    Entry(
        "FR212",
        "A start field that the API does not have",
        "`{name}` is not a field of startInfo",
        "`start` takes the fields of StartProcessDto in Orchestrator's API, in any case: "
        "`RequiresUserInteraction` or `requires_user_interaction`.",
    ),
    Entry(
        "FR213",
        "A rule that the input cannot have",
        "`{name}` does not apply to an input of type {type}",
        "`options` belongs to `choice`; `pattern` to `string`; `min` and `max` to `number`, `integer` and "
        "`date`, and as lengths to `string` and `list`.",
        "Remove `{name}`, or change the type.",
    ),
    Entry(
        "FR214",
        "A default that breaks its own rules",
        "the default {found} is not {expected}",
        "The default of an input or an output must be a value that would be accepted if it were given.",
    ),
    Entry(
        "FR215",
        "A choice without options",
        "an input of type choice needs `options`",
        "`choice` takes one of a list of texts.",
        "Add `options: [...]`.",
    ),
    Entry(
        "FR216",
        "Limits the wrong way round",
        "`{low}` is greater than `{high}`",
        "No value can lie between them.",
        "Exchange the two values.",
    ),
    Entry(
        "FR217",
        "Not a tolerance",
        "{found} is neither a count nor a percentage",
        "`tolerate` says how many legs may fail: a whole number (`3`) or a share of all legs (`5%`).",
        "Write 3 or 5%.",
    ),
    Entry(
        "FR218",
        "A wait without its end",
        "`wait` takes one of `for` and `until`, and here {found}",
        "`wait: {for: 10m}` waits for a time, `wait: {until: <expression>}` until an instant.",
        "Write `wait: {{for: 10m}}`.",
    ),
    Entry(
        "FR219",
        "Arguments that are too long",
        "the input arguments have {size} characters as JSON, and Orchestrator takes {most}",
        "The limit is Orchestrator's: the JSON text of all arguments together, with names, brackets and "
        "quotes. What is known before the run is counted here; the rest when the step starts.",
        "Put the data into a file, a queue or a storage bucket, and pass its name.",
    ),
    Entry(
        "FR220",
        "An input that nothing uses",
        "nothing in this file uses the input `{name}`",
        "It has to be given or has a default, and changes nothing. Often an expression that should read it "
        "has another name.",
        "Use it as `${{{{ inputs.{name} }}}}`, or remove it.",
        severity="warning",
    ),
    Entry(
        "FR221",
        "An input that does not exist",
        "there is no input `{name}`",
        "A value was given for an input that neither the workflow nor the approval declares.",
    ),
    Entry(
        "FR222",
        "An input that is missing",
        "the input `{name}` is missing ({type})",
        "An input without a `default` must be given, unless it says `required: false`.",
        "Give it with `--input {name}=...` or in an inputs file.",
    ),
    Entry(
        "FR223",
        "An input that does not fit",
        "the input `{name}` is {found}, and not {expected}",
        "The value that was given does not fit the declaration of the input. A value of `--input name=value` "
        "is text, and is read as the declared type: `12` as an integer, `true` as a boolean, JSON for an "
        "object or a list.",
    ),
    Entry(
        "FR224",
        "A pattern that is not searched for in one pass",
        "the pattern cannot be used: {reason}",
        "A pattern is looked for in what robots and people write, so it must not be able to take for ever: flowrun "
        "goes through the text once. Look-ahead, look-behind, references to a group, atomic groups and possessive "
        "repetitions need going back, and are refused, as is a pattern that is very large.",
        "Say it with classes, `|` and repetitions, and count less; instead of a look-ahead, name what may stand there.",
    ),
    Entry(
        "FR240",
        "Nothing to undo in `finally`",
        "a step of `finally` cannot have `compensate`",
        "Steps are undone when all of `steps` have ended and before `finally` begins, so a step of `finally` is never "
        "undone.",
        "Take `compensate` out, or move the step to `steps`.",
    ),
    Entry(
        "FR241",
        "A repetition that does not look at outputs",
        "`repeat.until` reads no `outputs`, so no round can change what it says",
        "`repeat` does a step again until an expression holds. `outputs` are those of the round that just ended, and "
        "nothing else that the expression could read changes from round to round.",
        "Read what the Job gives: `until: outputs.Done`.",
        severity="warning",
    ),
)
