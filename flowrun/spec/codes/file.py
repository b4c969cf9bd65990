"""Family 0: what is wrong with a file before it is a workflow."""

from __future__ import annotations

from flowrun.spec.codes.entry import Entry

FILE = (
    Entry(
        "FR001",
        "The file is not UTF-8",
        "the file is not UTF-8: {reason}",
        "A workflow is text in UTF-8. The place shown is the first byte that is not. Save the file as UTF-8 "
        "in your editor; a byte order mark at its beginning is allowed, other encodings are not.",
        "Save the file as UTF-8.",
    ),
    Entry(
        "FR002",
        "The file is too large",
        "the file has {size} bytes, and at most {most} are read",
        "The limit is there so that no file can use up the memory of the machine that reads it. Ten thousand "
        "steps fit well below it. Data belongs into the arguments of a Job only as far as it steers it: hand "
        "over the name of a file, a queue or a storage bucket instead.",
        "Keep data outside the workflow and pass its name.",
    ),
    Entry(
        "FR003",
        "The file is empty",
        "there is nothing in this file",
        "The file has no content, or only comments. The smallest workflow has three keys: `flowrun: 1`, a "
        "`name`, and `steps` with one step.",
        "Begin with `flowrun: 1`, `name: ...` and `steps:`.",
    ),
    Entry(
        "FR004",
        "The YAML cannot be read",
        "this is not YAML: {reason}",
        "The reader stopped here, so nothing below this place was checked. The real mistake is often on the "
        "line above: a quote or a bracket that was never closed, or an indentation that does not fit. "
        'Expressions inside braces or brackets need quotes: `{in_Period: "${{ inputs.period }}"}`.',
    ),
    Entry(
        "FR005",
        "A tab in the indentation",
        "a tab in the indentation",
        "YAML does not allow tabs in front of a key or an item, because their width is not known. Set the "
        "editor to write spaces.",
        "Indent with spaces, two for each level.",
    ),
    Entry(
        "FR006",
        "A key is written twice",
        "the key `{name}` is written twice in this map",
        "Many readers of YAML would take the last one and say nothing. flowrun refuses the file, because one "
        "of the two would be ignored. Both places are shown.",
        "Remove one of the two, or give it another name.",
    ),
    Entry(
        "FR007",
        "A YAML tag",
        "the tag `{tag}` is not allowed",
        "Tags such as `!!python/object` or `!include` make a reader do something. In a workflow every value "
        "is plain data: text, numbers, true, false, null, lists and maps. `!!str` alone is accepted.",
        "Write the value without a tag, and text that looks like a number inside quotes.",
    ),
    Entry(
        "FR008",
        "An alias without its anchor",
        "the alias `*{name}` refers to nothing: {reason}",
        "An alias repeats a value that was marked with an anchor above it: `x-common: &common {...}` and then "
        "`*common`. A text that begins with a star must be written inside quotes.",
        "Write `&{name}` before the value that is meant, above this line.",
    ),
    Entry(
        "FR009",
        "Too many values",
        "more than {most} values, aliases counted each time they are used",
        "Aliases of aliases can make a small file enormous. Values are counted as if every alias had been "
        "written out, and reading stops at the limit.",
        "Use fewer or smaller aliases, or split the workflow.",
    ),
    Entry(
        "FR010",
        "Nested too deeply",
        "more than {most} levels of maps and lists inside each other",
        "No workflow needs such a depth; a generated file that has it is usually broken.",
    ),
    Entry(
        "FR011",
        "Several documents in one file",
        "a second document begins here, and a file holds one workflow",
        "A line with `---` begins a new YAML document. flowrun does not choose between them.",
        "Move what follows to a file of its own, or remove the `---`.",
    ),
    Entry(
        "FR012",
        "The top of the file is not a map",
        "a workflow is a map of keys, and this is {found}",
        "At the top of the file stand keys such as `flowrun`, `name` and `steps`, each followed by a colon.",
        "Begin with `flowrun: 1`.",
    ),
    Entry(
        "FR013",
        "A key that is not text",
        "a key must be plain text, and this is something else",
        "Keys are text. A list, a map, an alias or a tagged value cannot be one. Often this is an expression "
        "without its dollar sign or its quotes: `{{ inputs.period }}` is a map inside a map for YAML.",
    ),
    Entry(
        "FR014",
        "A merge of something that is not a map",
        "`<<` takes the alias of a map, or a list of them",
        "`<<: *common` adds the entries of that map which are not written here. Entries that are written here "
        "win, and of several merged maps the first wins.",
        "Write `<<: *name`, where `&name` stands before a map.",
    ),
    Entry(
        "FR015",
        "A number that cannot be kept",
        "`{text}` is {reason}",
        "Values travel as JSON to Orchestrator and back. Infinity and NaN do not exist there, and integers "
        "beyond 64 bits arrive as something else.",
        "Write it inside quotes, as text.",
    ),
    Entry(
        "FR016",
        "Another version of YAML",
        "the file asks for YAML {version}, and flowrun reads 1.2",
        "In YAML 1.1 `no`, `on` and `12:30` are not text, so the same file would mean something else.",
        "Remove the `%YAML` line.",
    ),
    Entry(
        "FR017",
        "A character that YAML does not allow",
        "the character U+{number:04X} is not allowed in YAML",
        "Control characters and half surrogate pairs cannot stand in YAML text. They come from copying out of "
        "a terminal or from a broken conversion.",
        'Delete it, or write it as an escape inside double quotes ("\\u{number:04x}").',
    ),
)
