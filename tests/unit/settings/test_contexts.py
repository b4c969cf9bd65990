from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import UsageError
from flowrun.settings import Connection, Context, Overlay, Settings, contexts_of
from flowrun.settings.picks import file_of, pick

DEV, PROD = "https://cloud.uipath.com/acme/dev", "https://cloud.uipath.com/acme/prod"
FILE = f"""
folder = "Everywhere"
patience = 7

[context.dev]
url = "{DEV}"
folder = "Dev"

[context.prod]
url = "{PROD}"
client_id = "app"
quiescence = "3m"
protect = true

[context.sandbox]
emulator = true
catalog = "sandbox.yaml"

[context.half]
folder = "Half"
"""
TOKEN = {"UIPATH_ACCESS_TOKEN": "t"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "flowrun.toml").write_text(FILE)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home")}


def says(project: Path, text: str) -> Path:
    (project / "flowrun.toml").write_text(text)
    return project


def connected(project: Path, environ: dict[str, str], **more: Any) -> Connection:
    found = Settings.load(TOKEN | environ, project, **more).connection
    assert found is not None
    return found


def overlay(project: Path, **values: str) -> Overlay:
    return Overlay(project / "environments" / "live.yaml", values)


def refused(project: Path, environ: dict[str, str], *words: str, **more: Any) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.load(TOKEN | environ, project, **more)
    said = f"{caught.value.message} {caught.value.hint}"
    assert [word for word in words if word not in said] == [], said


def test_a_context_goes_before_the_top_of_the_file_and_after_variables(project: Path) -> None:
    settings = Settings.load(TOKEN | {"FLOWRUN_QUIESCENCE": "5"}, project, context="prod")
    assert settings.connection is not None
    assert (settings.connection.url, settings.folder, settings.patience) == (PROD, "Everywhere", 7)
    assert settings.quiescence == 5
    assert settings.context == Context("prod", protect=True, emulator=False)
    assert Settings.load(TOKEN, project, context="prod").quiescence == 180
    found = {origin.name: origin for origin in Settings.load(TOKEN, project, context="prod").explain()}
    assert found["quiescence"].source == f"{project / 'flowrun.toml'}: context.prod.quiescence"
    assert (found["context"].value, found["context"].source) == ("prod, protected", "--context")


def test_who_chooses_the_context(project: Path, home: dict[str, str]) -> None:
    assert connected(project, {}, context="dev").url == DEV
    assert connected(project, {"FLOWRUN_CONTEXT": "prod"}, context="dev").url == DEV
    says(project, f'default_context = "dev"\n{FILE}')
    assert connected(project, {}).url == DEV
    pick(home, project, "prod")
    assert connected(project, home).url == PROD
    assert connected(project, home, overlay=overlay(project, context="dev")).url == DEV
    assert connected(project, home | {"FLOWRUN_CONTEXT": "dev"}).url == DEV
    pick(home, project, None)
    assert connected(project, home).url == DEV


def test_what_the_context_is_called_where_nobody_chose_one(project: Path) -> None:
    assert Settings.load({}, project).context == Context("local")
    assert not Settings.load({}, project).context.chosen
    assert Settings.load(TOKEN | {"UIPATH_URL": DEV}, project).context == Context("default", emulator=False)
    around = overlay(project, url=DEV)
    assert Settings.load(TOKEN, project, overlay=around).context.name == "live"
    assert Settings.load(TOKEN | {"UIPATH_URL": PROD}, project, overlay=around).context.name == "default"


def test_the_embedded_orchestrator_needs_no_credentials_and_ignores_lone_ones(project: Path) -> None:
    settings = Settings.load(TOKEN, project, context="sandbox")
    assert settings.connection is None
    assert settings.catalog == project / "sandbox.yaml"
    says(project, f'url = "{DEV}"\n')
    assert Settings.load(TOKEN, project).connection is not None
    assert Settings.load(TOKEN, project, context="local").connection is None


def test_a_context_that_was_typed_goes_before_variables(project: Path) -> None:
    (project / ".env").write_text(f"UIPATH_URL={DEV}\n")
    assert Settings.load({}, project, context="local").connection is None
    assert connected(project, {}, context="prod").url == PROD
    (project / ".env").write_text(f"UIPATH_URL=https://other.example/acme/dev\n{'UIPATH_ACCESS_TOKEN=x'}\n")
    with pytest.raises(UsageError, match=r"is a credential for other\.example"):
        Settings.load({}, project, context="prod")


@pytest.mark.parametrize(
    ("environ", "more", "words"),
    [
        ({"FLOWRUN_CONTEXT": "prod", "UIPATH_URL": DEV}, {}, ("UIPATH_URL is", "the context prod", "Keep one")),
        ({}, {"context": "prod", "url": DEV}, ("--url is", "--context", PROD)),
        ({"FLOWRUN_CONTEXT": "local", "UIPATH_URL": DEV}, {}, ("UIPATH_URL is", "the embedded Orchestrator")),
        ({"FLOWRUN_CONTEXT": "half"}, {}, ("half", "names no url", "emulator = true")),
        ({"FLOWRUN_CONTEXT": "prd"}, {}, ("no context prd", "FLOWRUN_CONTEXT", 'Did you mean "prod"?')),
        ({}, {"context": "zzz"}, ("no context zzz", "--context", "local, dev, prod, sandbox, half")),
    ],
)
def test_two_that_fight(project: Path, environ: dict[str, str], more: dict[str, str], words: tuple[str, ...]) -> None:
    refused(project, environ, *words, **more)


def test_environments_that_fight_with_contexts(project: Path) -> None:
    refused(project, {}, "--context", "live.yaml", overlay=overlay(project, context="prod"), context="dev")
    refused(project, {}, "live.yaml: url is", "dev", overlay=overlay(project, url=PROD), context="dev")
    both = overlay(project, context="prod", url=DEV)
    refused(project, {}, "live.yaml: url is", "live.yaml: context", overlay=both)
    assert connected(project, {}, overlay=overlay(project, context="prod", url=PROD)).url == PROD
    assert connected(project, {"FLOWRUN_CONTEXT": "prod"}, overlay=overlay(project, context="prod")).url == PROD


def test_the_same_url_from_two_places_is_no_fight(project: Path) -> None:
    assert connected(project, {"FLOWRUN_CONTEXT": "prod", "UIPATH_URL": f"{PROD}/"}).url == PROD


def test_a_context_without_a_url_takes_that_of_elsewhere(project: Path) -> None:
    made = connected(project, {"FLOWRUN_CONTEXT": "half", "UIPATH_URL": DEV})
    assert (made.url, made.folder) == (DEV, "Half")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[context.a]\nfoldr = 1", ("[context.a]", '"foldr"', 'mean "folder"')),
        ("[context.a]\nprotekt = true", ('mean "protect"',)),
        ('[context.a]\nclient_secret = "x"', ("[context.a]", "must not stand in a file", "UIPATH_CLIENT_SECRET")),
        ('[context.a]\nurl = "https://h"\nemulator = true', ("two Orchestrators", "Keep one")),
        ('[context.local]\nurl = "https://h"', ("two Orchestrators", "another name")),
        ("[context.local]\nemulator = false", ("the context local",)),
        ('[context.a]\nprotect = "yes"', ("context.a.protect is 'yes'", "true or false")),
        ('[context."a b"]', ("'a b'", "letters")),
        ('[context.a]\ndefault_context = "b"', ("default_context",)),
        ('context = "prod"', ("context is 'prod'", 'default_context = "prod"')),
        ("[context]\nprod = 3", ("context.prod is 3", "[context.prod]")),
        ("default_context = 3", ("default_context is 3",)),
        ('default_contxt = "a"', ('mean "default_context"',)),
        ('default_context = "a"', ("no context a", "default_context", "local")),
    ],
)
def test_a_wrong_file_is_named(project: Path, text: str, words: tuple[str, ...]) -> None:
    refused(says(project, text), {}, "flowrun.toml", *words)


def test_contexts_of_a_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.flowrun.context.dev]\nurl = "{DEV}"\nprotect = true\n')
    settings = Settings.load(TOKEN, tmp_path, context="dev")
    assert settings.connection is not None
    assert (settings.connection.url, settings.context.protect) == (DEV, True)


def test_the_user_s_own_file_comes_last(project: Path, home: dict[str, str]) -> None:
    own = Path(home["HOME"]) / ".config" / "flowrun" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('patience = 1\nrequest_timeout = 9\nca_file = "ca.pem"\n')
    settings = Settings.load(home, project)
    assert (settings.patience, settings.request_timeout) == (7, 9)
    assert {one.name: one.source for one in settings.explain()}["request_timeout"] == f"{own}: request_timeout"
    assert {one.name: one.value for one in settings.explain()}["ca_file"] == str(own.parent / "ca.pem")
    elsewhere = {"XDG_CONFIG_HOME": str(own.parents[2] / "nothing"), **home}
    assert Settings.load(elsewhere, project).request_timeout == 30
    for text, word in (("[context.a]", "context"), ('password = "x"', "password"), ("patiens = 1", "patience")):
        own.write_text(text)
        refused(project, home, str(own), word)


def test_an_environment_may_be_chosen_by_the_context(project: Path) -> None:
    says(project, 'env_file = "top.yaml"\n[context.dev]\nenv = "dev"\n')
    choice = Settings.choice({}, project, context="dev")
    assert (choice.name, choice.file, choice.context) == ("dev", None, "dev")
    assert Settings.choice({"FLOWRUN_ENV": "x"}, project, context="dev").context is None
    assert Settings.choice({}, project).file == project / "top.yaml"


def test_a_choice_is_kept_for_its_project_alone(project: Path, home: dict[str, str], tmp_path: Path) -> None:
    path = pick(home, project, "dev")
    assert path == file_of(home) == tmp_path / "home" / ".local" / "state" / "flowrun" / "contexts.json"
    assert json.loads(path.read_text()) == {str(project): "dev"}
    assert not Settings.load(home, tmp_path).context.chosen
    path.write_text("[1]")
    refused(project, home, "contexts.json", "choose anew")
    with pytest.raises(UsageError, match="no home"):
        pick({}, project, "dev")


def test_a_choice_that_is_gone_is_said(project: Path, home: dict[str, str]) -> None:
    pick(home, project, "was")
    refused(project, home, "no context was", "flowrun context use")
    found = contexts_of(home, project)
    assert [one.name for one in found.contexts] == ["local", "dev", "prod", "sandbox", "half"]
    assert (found.chosen and found.chosen.value, found.fault is not None) == ("was", True)
