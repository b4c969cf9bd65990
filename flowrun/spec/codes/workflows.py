"""Family 6: files that are steps of others."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

WORKFLOWS = (
    Entry(
        "FR601",
        "A file that is not there",
        "there is no file {file!r}",
        "`workflow` is the path of another workflow, from the folder of the file that names it, with `/` between its "
        "parts: `workflow: ./parts/post.yaml`.",
    ),
    Entry(
        "FR602",
        "A file outside of the folder",
        "{file!r} {reason}",
        "All files of a workflow lie in the folder of the one that is run, or below it: what a file does can be read "
        "there, and a path in it opens nothing else on the machine. Links are followed before this is checked.",
        "Move the file into the folder, and name it by its path from this file.",
    ),
    Entry(
        "FR603",
        "No file that can be read",
        "{file!r} {reason}",
        "`workflow` names one file with a workflow in it, which whoever runs flowrun may read.",
    ),
    Entry(
        "FR604",
        "Files that run each other",
        "these files run each other: {cycle}",
        "A file that is a step of itself, directly or through others, would never come to an end. To do something "
        "again use `repeat`, or a `fan_out`.",
        "Take the step out of one of them.",
    ),
    Entry(
        "FR605",
        "Files nested too deep",
        "this is file {depth} in a row, each a step of the one before, and {most} are the most",
        "What is nested deeper nobody follows any more.",
        "Name the file higher up.",
    ),
    Entry(
        "FR606",
        "A file with problems of its own",
        "{file!r} has {count}",
        "The file is read and checked as if it were run by itself; its problems are told with its own name and lines.",
        "They are told with the lines of that file.",
    ),
    Entry(
        "FR607",
        "An input that the file does not have",
        "{file!r} has no input `{name}`",
        "The `inputs` of such a step are those that the file declares under its own `inputs`.",
    ),
    Entry(
        "FR608",
        "An input that the file needs",
        "{file!r} needs the input `{name}`, and the step does not give it",
        "An input without a `default` must be given, by whoever runs the file: here the step.",
        "Write `inputs: {{{name}: ...}}`.",
    ),
    Entry(
        "FR609",
        "A value that the input does not take",
        "the input `{name}` of {file!r} is {found}, and must be {expected}",
        "A value that is written as it stands is held against the declaration in the file. What an expression gives is "
        "held against it when the step starts, which fails with `start_rejected` then.",
    ),
    Entry(
        "FR610",
        "An output that the file does not give",
        "{file!r} gives no output `{name}`",
        "The outputs of such a step are those that the file has under its own `outputs`. What the step says of them "
        "is a contract: a type, or a default.",
    ),
    Entry(
        "FR611",
        "A file that needs the slots that its own step holds",
        "{file!r} waits for ever: the step holds {count} of {most} slots of `{name}`, and `{step}` takes {taken}",
        "A step holds its slots as long as it runs. Where it is a file, that is until the last step in it ended. So "
        "a step in it that wants more of the same pool than is left is never given any.",
        "Let the steps in the file take their slots by themselves, and remove `{name}` here.",
        severity="warning",
    ),
)
