"""Family 8: secrets, and what nobody shall be shown."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

_WHOLE = (
    "A secret is put in right before the start of a Job is sent, and nowhere else: journal, plan and reports hold its "
    "name. So `${{ secrets.NAME }}` stands alone, as a whole value inside `input_arguments` or `start` of a job step. "
    "Inside a text, a condition or a filter it would have to be known where everything is written down."
)

SECURITY = (
    Entry(
        "FR801",
        "A secret that is not declared",
        "`secrets` does not declare `{name}`",
        "`secrets: [NAME]` at the top says which secrets a workflow uses, so that whoever runs it sees them in one "
        "place, and those without a value are found before anything starts.",
    ),
    Entry(
        "FR802",
        "A secret where it would be seen",
        "a secret cannot stand here: {reason}",
        _WHOLE,
    ),
    Entry(
        "FR803",
        "A secret inside of something else",
        "a secret stands alone as a whole value: {reason}",
        _WHOLE,
        "Write `${{{{ secrets.{name} }}}}` and nothing around it.",
    ),
    Entry(
        "FR804",
        "A secret without a value",
        "the secret `{name}` cannot be used: {reason}",
        "Its value comes from the variable `FLOWRUN_SECRET_` with its name behind, from the file that "
        "`FLOWRUN_SECRETS_FILE` names (mode 0600, lines `NAME=value`), or from the keyring. A variable of the bare "
        "name is not read: whoever writes a workflow could send any variable of this machine to a robot. Values of "
        "fewer than four characters are refused, since they could not be hidden in what Jobs answer.",
    ),
    Entry(
        "FR805",
        "A secret that nothing uses",
        "nothing in this file uses the secret `{name}`",
        "It is declared and never sent. Often an expression that should send it has another name.",
        "Use it as `${{{{ secrets.{name} }}}}`, or remove it.",
        severity="warning",
    ),
    Entry(
        "FR806",
        "A secret declared twice",
        "`{name}` stands in `secrets` twice",
        "Each secret is declared once.",
        "Remove one of the two.",
    ),
    Entry(
        "FR807",
        "A sensitive output where it would be seen",
        "the output `{name}` of `{step}` is sensitive, and `{named}` is shown to everybody",
        "What an output with `sensitive: true` holds is hidden in logs and reports, also where it is handed on as an "
        "argument. The names of legs, Releases, folders and robots, and what people are asked, are there to be read, "
        "and names travel to Orchestrator.",
        "Use another output here, or pass this one in `input_arguments`.",
    ),
)
