"""What people write into templates to get out of them, or to fill the machine: each family, in our own words."""

from __future__ import annotations

UNDER = "_" * 2

STEPS_OUT = (
    "class", "base", "bases", "mro", "subclasses", "globals", "init", "builtins", "import", "dict", "doc", "module",
    "code", "closure", "getattribute", "reduce", "reduce_ex", "init_subclass", "self", "wrapped", "loader", "spec",
    "func", "call", "format", "repr", "str", "getitem", "annotations", "traceback", "weakref", "name", "qualname",
)  # fmt: skip
"""Names between two underscores on each side that lead from a value to the interpreter."""

ROOTS = ("''", "()", "[]", "{}", "0", "1.5", "true", "none", "inputs", "inputs.text", "inputs.items", "steps.a.outputs")

WALKS = (
    *(f"{root}.{UNDER}{name}{UNDER}" for root in ROOTS for name in ("class", "init", "dict", "getattribute")),
    *(f"inputs.text.{UNDER}{name}{UNDER}" for name in STEPS_OUT),
    *(f"inputs.text['{UNDER}{name}{UNDER}']" for name in STEPS_OUT),
    *(f"inputs.text['{UNDER}' ~ '{name}' ~ '{UNDER}']" for name in STEPS_OUT[:6]),
    *(f"inputs.text[['{UNDER}', '{name}', '{UNDER}'] | join]" for name in STEPS_OUT[:6]),
    r"inputs.text['\x5f\x5fclass\x5f\x5f']",
    r"inputs.text['\u005f\u005fclass\u005f\u005f']",
    r"inputs.text['\137\137class\137\137']",
    r"inputs.text['\N{LOW LINE}\N{LOW LINE}class\N{LOW LINE}\N{LOW LINE}']",
    "inputs.text['__ssalc__' | reverse]",
    "inputs.text['__CLASS__' | lower]",
    "inputs.text['aaclassaa' | replace('a', '_')]",
    "inputs.text[inputs.word]",
    "inputs.text['__cla' ~ 'ss__']['__mro__'][1]",
    "().__class__.__base__.__subclasses__()[59].__init__.__globals__",
    "inputs.items | map(attribute='__class__') | list",
    "[inputs.text] | map(attribute='__class__.__mro__') | first",
    "[inputs.text] | map(attribute=inputs.word) | first",
    "[inputs.text] | sum(attribute='__class__')",
    "[inputs.text] | sort(attribute='__class__')",
    "[inputs.text] | unique(attribute='__class__')",
    "[inputs.text] | min(attribute='__class__')",
    "[inputs.text] | max(attribute='__class__')",
    "[inputs.text] | join(attribute='__class__')",
    "[inputs.text] | selectattr('__class__', 'ne', 1) | list | first | length",
    "success().__class__",
    "success.__call__",
    "inputs.text.upper",
    "inputs.items.append",
    "inputs.keys",
    "inputs._Mapping__x",
)
"""From a value to its attributes. Some end in nothing rather than in an error: what counts is what comes out."""

CALLS = (
    "inputs.text.upper()", "inputs.items.append(1)", "inputs.get('text')", "'{0.__class__}'.format(inputs)",
    "'{x.__class__}'.format_map({'x': inputs})", "'%s'.__mod__(1)", "inputs.text.encode()", "(inputs.text)()",
    "''.join(['a'])", "inputs.items.sort()", "inputs.update({'a': 1})", "inputs.items.__len__()", "success(inputs)",
    "success()()", "inputs.text.__class__()", "[]()", "{}()", "always(*inputs.items)", "failure(**inputs)",
    "range(9)", "range(10000000000)", "dict(a=1)", "lipsum()", "lipsum(n=100000)", "cycler('a')", "joiner()",
    "namespace(a=1)", "self()", "super()", "caller()", "loop.cycle('a')", "config()", "request()", "url_for('x')",
    "get_flashed_messages()", "open('x')", "eval('1')", "exec('1')", "__import__('os')", "getattr(inputs, 'x')",
    "type(inputs)", "vars()", "globals()", "environ()", "debug()", "gettext('%(a)s')", "_('x')",
)  # fmt: skip

NAMES = (
    "lipsum", "cycler", "joiner", "namespace", "self", "config", "request", "session", "g", "range", "dict", "loop",
    "super", "caller", "varargs", "kwargs", "environment", "context", "os", "sys", "__builtins__", "__name__",
    "lipsum.__globals__", "cycler.__init__.__globals__", "joiner.__init__.__globals__.os", "self.__init__",
    "self._TemplateReference__context", "namespace.__init__.__globals__", "config.items", "request.application",
    "url_for.__globals__", "env_", "settings", "tojson", "length", "true.__class__", "_", "__",
    "\uff49\uff4e\uff50\uff55\uff54\uff53",
)  # fmt: skip

FILTERS = (
    "inputs.text | attr('__class__')", "inputs | attr('__init__') | attr('__globals__')", "'%s' | format(inputs)",
    "'{0.__class__}' | format(inputs)", "inputs | pprint", "inputs | xmlattr", "inputs.text | urlize",
    "inputs.text | center(1000000000)", "inputs.text | indent(1000000000)", "inputs.text | wordwrap(1)",
    "inputs.text | wordcount", "inputs.text | filesizeformat", "inputs.items | batch(1000000000)", "1 | filesizeformat",
    "inputs.items | slice(1000000000)", "inputs.items | groupby('__class__')", "inputs.items | random",
    "inputs.text | safe", "inputs.text | escape", "inputs.text | forceescape", "inputs.text | striptags",
    "inputs.text | truncate(1)", "inputs.text | title", "inputs.text | urlencode", "inputs.text | tojson(indent=9999)",
    "inputs.items | map('attr', '__class__')", "inputs.items | map('format')", "inputs.items | select('callable')",
    "inputs.items | map(inputs.filter, '__class__') | list", "inputs.items | selectattr('a', inputs.filter)",
    "inputs.text | default('', *inputs.items)", "inputs.text | replace(**inputs)", "inputs.text is callable",
    "inputs.text is filter", "inputs.text is sameas(inputs)", "inputs.text is escaped", "inputs.text is iterable",
    "inputs.text | d | attr('x')", "inputs.text | e", "1 | round(2, '__class__')", "1 | round(999999999)",
)  # fmt: skip

STATEMENTS = (
    "1 %}{% set x = 1", "set x = 1", "for x in y", "include 'x'", "import 'x' as y", "macro m()",
    "x = 1", "inputs.text := 1", "lambda: 1", "[x for x in inputs]", "{**inputs}", "[*inputs.items]", "f'{inputs}'",
    "b'x'", "`ls`", "inputs; inputs", "inputs\ninputs", "# comment", "a if b", "await x", "yield x", "x -> y", "@x",
    "inputs!r", "inputs.text[", "(", "'", "\\", "\x00", "inputs.\x00", "1__0.0__class__", "…",
)  # fmt: skip

BOMBS = (
    "9 ** 9 ** 9", "2 ** 1000000000", "2 ** -1", "'a' * 1000000000", "[0] * 1000000000", "'%1000000000d' % 1",
    "'%*d' % (1000000000, 1)", "1000000000 * 'a'", "inputs.items * 1000000000", "1 << 1000000000", "~1",
    "*".join(["9999999999"] * 360),
    "'aaaaaaaaaaaaaaaaaaaa'" + " | replace('a', 'aaaaaaaaaaaaaaaaaaaa')" * 40,
    "'aaaaaaaaaaaaaaaaaaaa'" + " | replace('', 'aaaaaaaaaaaaaaaaaaaa')" * 40,
    f"'{'a' * 1000}' | list" + f" | map('replace', 'a', '{'a' * 150}')" * 12 + " | list | length",
    f"'{'a' * 1000}' | list | map('replace', 'a', '{'b' * 999}')" + " | map('list') | map('join', 'cccccccc')" * 40,
    "[" + ", ".join(["large | upper"] * 250) + "] | length",
    "[" + ", ".join(["large"] * 500) + "] | map('upper') | map('lower') | list | length",
    "[" + ", ".join(["many"] * 500) + "] | map('tojson') | list | length",
    "[" + ", ".join(["many"] * 500) + "] | unique | length",
    "[" + ", ".join(["many"] * 500) + "] | sum(start=[]) | length",
    "[" + ", ".join(["many"] * 500) + "] | map('list') | list | length",
    "[" + ", ".join(["many"] * 500) + "] | map('reverse') | map('sort') | list | length",
    "[" + ", ".join(["large[:]"] * 250) + ", " + ", ".join(["many[:-1]"] * 100) + "] | length",
    "[" + ", ".join(["many == more"] * 250) + "] | length",
    "[" + ", ".join(["more in [many]"] * 200) + "] | length",
    "many | select('in', large) | list | length",
    "many | map(attribute='" + ".".join(["a"] * 1500) + "') | list | length",
    "[" + " ~ ".join(["large"] * 60) + "]",
    "[" + ", ".join(["other"] * 400) + "] | map('list') | list | length", "other | list | length",
    "other | join", "other | sort | length", "[other] | map('sort') | list | length", "other | select('string') | list",
    "other | map(attribute='x') | list | length", "other | map(attribute='x', default=1) | list | length",
    "(large ~ 'z') | trim('a" + "b" * 3000 + "')", "many | map(attribute='x') | list | length",
    "[" + ", ".join(["many", "more"] * 250) + "] | sort | length",
    "[" + ", ".join(["many", "more"] * 250) + "] | min | length",
    "[" + ", ".join(["[[many], [more]]"] * 100) + "] | map('select', 'eq', [many]) | map('list') | list | length",
    "[" + ", ".join(["[many]"] * 250) + "] | select('eq', [more]) | list | length",
    "{" + ", ".join(f"'{at}': [more, many]" for at in range(150)) + "} | dictsort(by='value') | length",
    "large + large", "[large, large]", "large | replace('x', 'yyyyyyyy')", "many | join('yyyyyyyyyyyyyyyyyyyy')",
    "numbers | sum" + " * (numbers | sum)" * 100,
    "(" * 600 + "1" + ")" * 600, "[" * 300 + "]" * 300, "-" * 3000 + "1", "not " * 900 + "true",
    "a." * 1900 + "a", "a" + "[0]" * 1200, "1" + "+1" * 1900, "1" + " if true else 1" * 200, "a" + "|list" * 700,
    "'" + "a" * 5000 + "'", "0." + "9" * 3990, "1e999999", "-1e999999", "'x' < " * 500 + "'x'",
    "steps" + "['a']" * 700, "{'a': " * 200 + "1" + "}" * 200, "((((1,),),),)" * 200,
)  # fmt: skip
"""What would cost memory or time. `large` and `other` are large texts, `many` and `more` long lists that are equal."""

ALL = (*WALKS, *CALLS, *NAMES, *FILTERS, *STATEMENTS)
