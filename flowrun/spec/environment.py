"""Environments: what a workflow is given at one place and not at another, from files of their own beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, ValidationError, WithJsonSchema

from flowrun.core.plan import Json
from flowrun.errors import Problem
from flowrun.settings.options import SETTINGS
from flowrun.spec.document import Document, Path, parse
from flowrun.spec.models import DefaultsModel
from flowrun.spec.problems import in_order
from flowrun.spec.refusals import nulls, problems_of
from flowrun.spec.suggest import did_you_mean
from flowrun.spec.zeros import leading_zeros
from flowrun.steps.fields import IDENTIFIER, Count, Map, Part, Text, described, refuse, shown
from flowrun.steps.inputs import InputModel
from flowrun.templating.syntax import templates

FOLDER = "environments"
"""The folder beside a workflow in which its environments lie, a file each."""

_CREDENTIAL = (
    "Credentials never stand in a file. Put it into the environment as {}, or name a file of mode 0600 or the keyring."
)


def _setting(name: str) -> Any:
    """A field that is one of flowrun's settings, and is read as that."""

    def check(value: str) -> str:
        try:
            SETTINGS[name].read(value, File())
        except ValueError as error:
            raise refuse("FR281", name=name, found=shown(value), expected=str(error)) from error
        return value

    return Annotated[Text, AfterValidator(check), WithJsonSchema({"type": "string", "minLength": 1})]


class OrchestratorModel(Part):
    """Which Orchestrator it is, in the words of flowrun's settings."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        name: _CREDENTIAL.format(variable)
        for name, variable in (
            ("access_token", "UIPATH_ACCESS_TOKEN"),
            ("token", "UIPATH_ACCESS_TOKEN"),
            ("client_secret", "UIPATH_CLIENT_SECRET"),
            ("oidc_token", "FLOWRUN_OIDC_TOKEN"),
            ("password", "UIPATH_PASSWORD"),
        )
    }

    url: _setting("url") | None = Field(default=None, description="Its URL.")  # type: ignore[valid-type]
    organization: _setting("organization") | None = Field(  # type: ignore[valid-type]
        default=None, description="The organization, where the URL names none."
    )
    tenant: _setting("tenant") | None = Field(  # type: ignore[valid-type]
        default=None, description="The tenant, where the URL names none."
    )
    folder: _setting("folder") | None = Field(  # type: ignore[valid-type]
        default=None, description="The folder of steps that name none, after `defaults.folder`."
    )
    client_id: _setting("client_id") | None = Field(  # type: ignore[valid-type]
        default=None, description="The id of the external application that signs in."
    )
    scope: _setting("scope") | None = Field(  # type: ignore[valid-type]
        default=None, description="The scopes that it asks for."
    )
    keyring: _setting("keyring") | None = Field(  # type: ignore[valid-type]
        default=None, description="The name under which the keyring keeps its credentials and secrets."
    )
    access_token_file: Text | None = Field(default=None, description="A file of mode 0600 that holds a token.")
    client_secret_file: Text | None = Field(
        default=None, description="A file of mode 0600 that holds the application's secret."
    )
    ca_file: Text | None = Field(default=None, description="Certificates of an authority of your own, as PEM.")


class EnvironmentModel(Part):
    """An environment: values that go before those of the workflow."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        **{
            name: f"`{name}` belongs under `orchestrator`."
            for name in ("url", "organization", "tenant", "folder", "client_id", "scope", "keyring")
        },
        "env": "Write `vars: {name: value}`; a workflow reads them as `env.name`.",
        "variables": "Write `vars: {name: value}`; a workflow reads them as `env.name`.",
        "secrets": "Secrets never stand in a file of git. Write `secrets_file: PATH`, or set FLOWRUN_SECRET_NAME.",
        "steps": "This is an environment; steps stand in the workflow.",
    }

    description: Text | None = Field(default=None, description="What this environment is.")
    context: _setting("context") | None = Field(  # type: ignore[valid-type]
        default=None, description="The context of flowrun.toml that says which Orchestrator it is."
    )
    orchestrator: OrchestratorModel = Field(
        default=OrchestratorModel(), description="Which Orchestrator it is, and which folder."
    )
    vars: Map = Field(default={}, description="What expressions read as `env.NAME`: plain values.")
    inputs: Map = Field(default={}, description="Values that stand in for the defaults of the workflow's inputs.")
    pools: Annotated[dict[str, Count], Field(strict=False)] = Field(
        default={}, description="How many slots the pools of the workflow have here."
    )
    defaults: DefaultsModel = Field(
        default=DefaultsModel(), description="What holds for every step that does not say otherwise."
    )
    secrets_file: Text | None = Field(
        default=None, description="A file of mode 0600 with the values of the workflow's secrets: NAME=value a line."
    )

    def settings(self) -> dict[str, str]:
        """What it says of flowrun's settings, by their names."""
        named = {name: getattr(self.orchestrator, name) for name in OrchestratorModel.model_fields}
        named |= {"context": self.context, "secrets_file": self.secrets_file}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Environment:
    """One file, read. `model` is None where it has an error of its own; `problems` are these."""

    name: str
    file: str
    text: str
    document: Document
    model: EnvironmentModel | None
    problems: tuple[Problem, ...]

    def line(self, path: Path) -> int:
        """Where a value stands."""
        return self.document.position(path, key=True).line

    def problem(self, code: str, path: Path, **fields: Any) -> Problem:
        """Something that is wrong at one place of it."""
        return replace(self.document.problem(code, path, key=True, **fields), file=self.file)


@dataclass(frozen=True, slots=True)
class Environments:
    """Those that a workflow is looked at with: the chosen one, else all that lie beside it.

    `needed`: it is about to run, and what no environment gives is an error. `nested`: it is a step of another, which
    gives it its inputs.
    """

    chosen: Environment | None = None
    others: tuple[Environment, ...] = ()
    needed: bool = False
    nested: bool = False

    @property
    def every(self) -> tuple[Environment, ...]:
        """Those that the workflow has to go with: the chosen one alone, or all where no run is meant."""
        if self.chosen is not None:
            return (self.chosen,)
        return () if self.needed else self.others

    @property
    def within(self) -> Environments:
        """The same, for a file that is a step."""
        return replace(self, nested=True)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with them by themselves, told once."""
        return () if self.nested else tuple(problem for one in self.every for problem in one.problems)

    @property
    def model(self) -> EnvironmentModel:
        """What the chosen one says; nothing where none is chosen."""
        return self.chosen.model if self.chosen is not None and self.chosen.model is not None else EnvironmentModel()


NONE = Environments()
"""No environment, chosen or not."""


def read(text: str, file: str, name: str) -> Environment:
    """Read an environment. Never raises for what is written."""
    document = parse(text)
    problems = [_begun(one) for one in document.problems]
    model: EnvironmentModel | None = None
    if isinstance(document.data, dict):
        problems += nulls(document, (), EnvironmentModel, document.data)
        problems += _plain(document)
        problems += leading_zeros(document)
        try:
            model = EnvironmentModel.model_validate(document.data)
        except ValidationError as error:
            problems += problems_of(document, (), EnvironmentModel, error)
    elif document.data is not None:
        problems.append(document.problem("FR103", (), found=described(document.data), expected="a map"))
    found = in_order(replace(one, file=file) for one in problems)
    broken = any(one.severity == "error" for one in found)
    return Environment(name, file, text, document, None if broken else model, found)


def _begun(found: Problem) -> Problem:
    """FR003 says how a workflow begins."""
    return replace(found, hint="Begin with `vars:` and what `env.NAME` reads.") if found.code == "FR003" else found


def _plain(document: Document) -> Iterator[Problem]:
    """FR108, FR318: names that expressions can use, and no expressions in what they read."""
    for key, what in (("vars", "the name of a variable"), ("inputs", "the name of an input")):
        values = document.data.get(key)
        for name in values if isinstance(values, dict) else ():
            if not IDENTIFIER.fullmatch(name):
                yield document.problem("FR108", (key, name), key=True, name=shown(name), what=what)
    for path, _ in templates(document.data):
        if path[0] != "description":
            yield document.problem("FR318", path, name=[part for part in path if isinstance(part, str)][-1])


def against(
    environment: Environment, workflow: str, inputs: Mapping[str, InputModel | None], defaults: Json
) -> Iterator[Problem]:
    """What does not go with a workflow: its name, its inputs, and its `defaults` as they are written."""
    model = environment.model
    if model is None:
        return
    for name, value in model.inputs.items():
        if name not in inputs:
            hint = did_you_mean(name, inputs, "The inputs are")
            yield environment.problem("FR282", ("inputs", name), hint=hint, name=name, workflow=workflow)
            continue
        declared = inputs[name]
        expected = declared.expected(value) if declared is not None else None
        if expected and declared is not None and not (value is None and declared.required is False):
            found = described(value)
            yield environment.problem("FR283", ("inputs", name), name=name, found=found, expected=expected)
    yield from _folders(environment, model, defaults)


def _folders(environment: Environment, model: EnvironmentModel, defaults: Json) -> Iterator[Problem]:
    folder = model.orchestrator.folder
    written = defaults.get("folder") if isinstance(defaults, dict) else None
    wins, reason = model.defaults.folder, "`defaults.folder` of this environment names another"
    if wins is None and written is not None:
        wins, reason = written, f"`defaults.folder` of the workflow names {shown(written)}"
    if folder is not None and wins is not None and folder != wins:
        path = ("orchestrator", "folder")
        yield environment.problem("FR287", path, folder=shown(folder), reason=reason)
