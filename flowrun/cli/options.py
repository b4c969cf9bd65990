"""What several commands take, each defined once: forms of output, the file, the run, inputs, settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrun.cli import completions
from flowrun.cli.answer import Answer
from flowrun.cli.console import COLORS, Console
from flowrun.cli.pipelines import CHOICES, pipeline
from flowrun.cli.reports import named
from flowrun.cli.telling import mask, tell

if TYPE_CHECKING:
    from flowrun.api import Environment
    from flowrun.settings import Choice, Settings

FILE = click.argument("file", type=click.Path(path_type=Path), metavar="FILE", shell_complete=completions.files)


PLAN_ENDING = ".frp"
"""How the name of a plan file ends."""


class _Form(click.Choice[str]):
    """One of the forms of an answer. Those of what a command draws or reports are chosen with its `-f`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The form. Raises click.BadParameter, which says where the value belongs."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            for other in ctx.command.params if ctx is not None else ():
                if other.name == "form" and (not isinstance(other.type, click.Choice) or value in other.type.choices):
                    words = f"{error.message} What is written has its form from -f: -f {value}."
                    raise click.BadParameter(words, ctx, param) from error
            raise


class _FormOrPlan(_Form):
    """One of the forms, or the name of a plan file: nobody means a form that ends so."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value as it is, where it is such a name."""
        if isinstance(value, str) and value.endswith(PLAN_ENDING):
            return value
        return super().convert(value, param, ctx)


def answering(*forms: str, plans: bool = False) -> Callable[[Callable[..., Answer]], Callable[..., int]]:
    """Make a command's function of one that takes a Console and returns an Answer.

    It adds `-o` with these forms, the first being the default, `--color` and `--ci`; it writes the answer
    and returns its code. `plans`: `-o FILE.frp` is understood, too, as the option `out`.
    """
    kind = _FormOrPlan(forms) if plans else _Form(forms)
    about = "What stdout gets; FILE.frp is short for --out FILE.frp." if plans else "What stdout gets."
    output = click.option("-o", "--output", type=kind, default=forms[0], show_default=True, help=about)
    color = click.option("--color", type=click.Choice(COLORS), default="auto", show_default=True, help="Use of colour.")

    ci = click.option(
        "--ci",
        type=click.Choice(CHOICES),
        default="auto",
        show_default=True,
        help="The CI system that is told, in its own words; otherwise FLOWRUN_CI.",
    )

    def decorate(command: Callable[..., Answer]) -> Callable[..., int]:
        @output
        @color
        @ci
        @wraps(command)
        def run(*, output: str, color: str, ci: str, **options: Any) -> int:
            if plans and output.endswith(PLAN_ENDING):
                if options["out"] is not None:
                    raise click.UsageError(f"-o {output} and --out {options['out']} both name the plan file.")
                options["out"], output = Path(output), forms[0]
            found = pipeline(ci, os.environ)
            console = Console(output, color, found.platform)
            if found.named:
                mask(console, os.environ)
            answer = command(console, **options)
            console.answer(answer)
            tell(console, answer, os.environ)
            return int(answer.code)

        return run

    return decorate


_STATE = ("state_dir", "context", "temporal")
_OUTSIDE = ("url", "folder", "catalog")
_HELP = {
    "state_dir": "Where journal and reports are kept; otherwise FLOWRUN_STATE_DIR, or .flowrun of the project.",
    "context": "The context, a table of flowrun.toml; otherwise FLOWRUN_CONTEXT, or what `context show` says.",
    "temporal": "The server of Temporal that keeps and drives runs; otherwise FLOWRUN_TEMPORAL, or this machine.",
    "url": "The Orchestrator; otherwise UIPATH_URL, or the embedded one.",
    "folder": "The folder of steps that name none; otherwise UIPATH_FOLDER_PATH.",
    "catalog": "The catalog of the embedded Orchestrator; otherwise emulator.yaml beside the workflow.",
}


def _complete_contexts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's
    """Those of this project. Completion never says what went wrong."""
    from flowrun.settings import contexts_of  # noqa: PLC0415 - loaded when a shell asks

    try:
        found = contexts_of(os.environ, Path.cwd())
    except Exception:  # noqa: BLE001 - see above
        return []
    return [one.name for one in found.contexts if one.name.startswith(incomplete)]


def configured(
    *, outside: bool, later: bool = False, recalled: Callable[[Mapping[str, Any]], str | None] | None = None
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Give a command its `settings`, and the flags that go into them; `outside`: also those about Orchestrator.

    `later`: a file or a run has a say in which Orchestrator it is, so that half a connection is no error yet.
    `recalled`: the context that the other options lead to, where no flag names one.
    """
    names = _STATE + (_OUTSIDE if outside else ())

    def decorate(command: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(command)
        def run(console: Console, **options: Any) -> Answer:
            flags = {name: options.pop(name) for name in names}
            if recalled is not None and flags["context"] is None:
                flags["context"] = recalled(options)
            settings = load_settings(connected=outside and not later, **flags)
            return command(console, settings=settings, **options)

        options: Callable[..., Answer] = run
        for name in reversed(names):
            complete = _complete_contexts if name == "context" else None
            flag = f"--{name.replace('_', '-')}"
            options = click.option(flag, metavar=name.upper(), help=_HELP[name], shell_complete=complete)(options)
        return options

    return decorate


def load_settings(*, connected: bool = False, **flags: Any) -> Settings:
    """From these flags, the environment and the configuration file. Raises UsageError."""
    from flowrun.settings import Settings  # noqa: PLC0415 - `--help` reads no configuration

    return Settings.load(os.environ, Path.cwd(), connected=connected, **flags)


CONTEXT_NAME = click.argument("name", required=False, metavar="[NAME]", shell_complete=_complete_contexts)

_ENV = click.option(
    "-e",
    "--env",
    metavar="NAME",
    shell_complete=completions.environments,
    help="The environment: a file of the folder environments; otherwise FLOWRUN_ENV.",
)
_ENV_FILE = click.option(
    "--env-file", metavar="FILE", help="The file of an environment that lies elsewhere; otherwise FLOWRUN_ENV_FILE."
)


def choosing(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command the `choice` of an environment. For those that look at several files."""

    @_ENV
    @_ENV_FILE
    @wraps(command)
    def run(console: Console, *, env: str | None, env_file: str | None, **options: Any) -> Answer:
        from flowrun.settings import Settings  # noqa: PLC0415 - `--help` reads no configuration

        context = click.get_current_context().params.get("context")
        choice = Settings.choice(os.environ, Path.cwd(), env=env, env_file=env_file, context=context)
        return command(console, choice=choice, **options)

    return run


def in_environment(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command with a `file` the `environment` that was chosen for it; None where none was."""

    @choosing
    @wraps(command)
    def run(console: Console, *, choice: Choice, file: Path, **options: Any) -> Answer:
        from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

        return command(console, file=file, environment=api.chosen(file, choice), **options)

    return run


def _complete_runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's
    """The last fifty runs, from the journal. Completion never says what went wrong."""
    from flowrun import api  # noqa: PLC0415 - loaded when a shell asks

    try:
        found = [listed.row.run_id for listed in api.runs(load_settings(), 50)]
    except Exception:  # noqa: BLE001 - see above
        return []
    return [run_id for run_id in found if run_id.startswith(incomplete)]


SPEC = click.option(
    "--spec",
    type=click.Choice(("recorded", "current")),
    default="recorded",
    show_default=True,
    help="The workflow as the run had it, or its file as it is now.",
)
RUN = click.argument("run_id", required=False, metavar="[RUN]", shell_complete=_complete_runs)


def _pairs(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Texts of the form `name=value` as a map. A name that comes twice is a mistake, not a wish."""
    pairs: dict[str, str] = {}
    for text in given:
        name, found, value = text.partition("=")
        if not found or not name.strip():
            raise click.BadParameter(f"{text!r} is not of the form name=value", ctx=ctx, param=param)
        if name.strip() in pairs:
            raise click.BadParameter(f"{name.strip()!r} is given twice", ctx=ctx, param=param)
        pairs[name.strip()] = value
    return pairs


INPUT = click.option(
    "-i", "--input", "texts", multiple=True, metavar="NAME=VALUE", callback=_pairs, help="An input; may be repeated."
)
INPUTS_FILE = click.option(
    "--inputs-file", type=click.Path(path_type=Path), metavar="FILE", help="Inputs from a YAML or JSON file."
)
MAX_PARALLEL = click.option(
    "--max-parallel", type=click.IntRange(min=1), metavar="N", help="At most so many attempts at one time."
)


def _reports(
    forms: Callable[[], Sequence[str]], ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> dict[str, Path]:
    """Checked before anything runs: a report that cannot be written is found out at the start, not after hours."""
    files: dict[str, Path] = {}
    for word, path in _pairs(ctx, param, given).items():
        form = named(word)
        if form not in forms():
            raise click.BadParameter(f"there is no format {form!r}; there is {', '.join(forms())}", ctx, param)
        file = Path(path)
        if not path or file.is_dir() or not file.absolute().parent.is_dir():
            raise click.BadParameter(f"{path!r} is not a file in a folder that exists", ctx, param)
        if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
            raise click.BadParameter(f"{path!r} cannot be written", ctx, param)
        files[form] = file
    return files


def _of_runs() -> Sequence[str]:
    from flowrun import api  # noqa: PLC0415 - loaded when a report is asked for

    return api.formats()


def _of_files() -> Sequence[str]:
    from flowrun import api  # noqa: PLC0415 - as above

    return api.DIAGNOSTICS


REPORT = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORM=FILE",
    callback=lambda ctx, param, given: _reports(_of_runs, ctx, param, given) if given else {},
    help="Write a report when the run ends, such as junit=out.xml; may be repeated.",
)
DIAGNOSTICS = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORM=FILE",
    callback=lambda ctx, param, given: _reports(_of_files, ctx, param, given) if given else {},
    help="Write what is wrong to a file, too: sarif=, gitlab= or junit=; may be repeated.",
)


def given(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command with a `file` the `inputs` of a run: what was typed, a file of inputs, an environment."""

    @INPUT
    @INPUTS_FILE
    @in_environment
    @wraps(command)
    def run(
        console: Console,
        *,
        texts: dict[str, str],
        inputs_file: Path | None,
        environment: Environment | None,
        **options: Any,
    ) -> Answer:
        from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

        values = api.read_inputs(inputs_file) if inputs_file else {}
        inputs = api.Inputs(texts, values, str(inputs_file or ""), environment)
        return command(console, inputs=inputs, **options)

    return run
