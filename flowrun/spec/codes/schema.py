"""Family 1: keys and the shapes of their values."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

SCHEMA = (
    Entry(
        "FR101",
        "An unknown key",
        "there is no key `{name}` here",
        "Every key must be known, because a key that is ignored is worse than one that is refused. The hint "
        "says which key was probably meant; it knows the words of Airflow, Argo, Azure Pipelines, GitHub "
        "Actions and GitLab too. Keys of your own may stand at the top of the file if they begin with `x-`.",
    ),
    Entry(
        "FR102",
        "A key is missing",
        "the key `{name}` is missing",
        "The map that begins here needs this key.",
        "Add `{name}: ...`.",
    ),
    Entry(
        "FR103",
        "A value of the wrong type",
        "{found} where {expected} is expected",
        "The value has another type than the key takes. In YAML 1.2 `yes`, `no`, `on` and `off` are text, and "
        "so is everything inside quotes: `max_parallel: '4'` is a text, `max_parallel: 4` a number.",
    ),
    Entry(
        "FR104",
        "A key of a later release",
        "`{name}` is part of the language, and not of this release",
        "The language reference describes this key, and this version of flowrun does not carry it out yet. It "
        "is refused so that nobody relies on something that does not happen.",
        "Remove it for now.",
    ),
    Entry(
        "FR105",
        "A step without its kind",
        "nothing says what this step does: it has none of {kinds}",
        "Each step has exactly one key that says what it does: `release` or `release_key` starts Jobs of a "
        "Release, `wait` waits for a time.",
        "Add `release: NameOfTheRelease`.",
    ),
    Entry(
        "FR106",
        "A step of two kinds",
        "a step has one kind, and this one has `{first}` and `{second}`",
        "`release` and `wait` say what a step does, and a step does one thing.",
        "Make two steps of it, the second with `needs`.",
    ),
    Entry(
        "FR107",
        "A word that is not in the list",
        "{found} is not one of {allowed}",
        "This key takes one of a closed list of words, in exactly this spelling.",
    ),
    Entry(
        "FR108",
        "A name that expressions cannot use",
        "{name} cannot be {what}: letters, digits and `_`, and no digit first",
        "Names of steps, inputs and outputs appear in expressions such as `steps.fetch.outputs.Total`, so "
        "they must be words there: letters from A to Z, digits and underscores, with no digit in front.",
    ),
    Entry(
        "FR109",
        "Another version of the language",
        "the language version {found} is not known to this release",
        "`flowrun: 1` says which version of the language the file is written in. This release knows version 1.",
        "Write `flowrun: 1`.",
    ),
    Entry(
        "FR110",
        "A key without a value",
        "there is no value after `{name}:`",
        "An empty value is null in YAML, and this key does not take null. Often the lines below it are not "
        "indented far enough to belong to it.",
        "Write a value, or remove the key.",
    ),
    Entry(
        "FR111",
        "Two steps of one name",
        "there are two steps named `{name}`",
        "A name stands for one step in the whole file, in `steps` and `finally` together.",
        "Rename one of them.",
    ),
    Entry(
        "FR112",
        "No steps",
        "a workflow needs at least one step",
        "The map or list is empty, so there is nothing to run.",
    ),
)
