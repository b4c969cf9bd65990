from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun import api
from flowrun.api.environments import around, chosen, overlay_of, recalled, remembered
from flowrun.api.files import check
from flowrun.api.plans import Inputs, make
from flowrun.api.sources import sources
from flowrun.errors import SpecError, UsageError
from flowrun.settings import Choice, Settings

WORKFLOW = """flowrun: 1
name: payments
inputs: {day: {type: string, default: '2026-10-31'}, limit: {type: integer}}
defaults: {timeout: 5m, folder: Shared}
steps:
  a: {release: Pay, input_arguments: {in_Bank: "${{ env.bank }}", in_Limit: "${{ inputs.limit }}"}}
  b: {release: Pay, needs: a, timeout: 9m}
outputs: {day: "${{ inputs.day }}"}
"""
DEV = """vars: {bank: Test}
inputs: {limit: 7}
defaults: {timeout: 1m}
orchestrator: {folder: Finance/Dev}
"""
PROD = """vars: {bank: Bank}
orchestrator:
  url: https://cloud.uipath.com/acme/prod
  folder: Finance
"""
TOKEN = {"UIPATH_ACCESS_TOKEN": "t"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.yaml").write_text(DEV)
    (tmp_path / "environments" / "prod.yml").write_text(PROD)
    (tmp_path / "w.yaml").write_text(WORKFLOW)
    return tmp_path / "w.yaml"


def test_one_is_found_by_its_name(file):
    found = chosen(file, Choice("prod"))
    assert found is not None
    assert found.model is not None
    assert (found.name, found.model.orchestrator.folder) == ("prod", "Finance")
    assert chosen(file, Choice()) is None
    assert [one.name for one in around(file, Choice()).others] == ["dev", "prod"]


def test_one_that_is_not_there_is_answered_with_those_that_are(file, tmp_path):
    with pytest.raises(UsageError, match="there is no environment prd") as caught:
        chosen(file, Choice("prd", source="--env"))
    assert caught.value.hint == 'Did you mean "prod"?'
    with pytest.raises(UsageError) as caught:
        chosen(file, Choice("staging"))
    assert caught.value.hint == "There are: dev, prod."
    with pytest.raises(UsageError) as caught:
        chosen(tmp_path / "elsewhere" / "w.yaml", Choice("dev"))
    assert "--env-file" in (caught.value.hint or "")


def test_two_of_one_name_fight(file, tmp_path):
    (tmp_path / "environments" / "prod.yaml").write_text(PROD)
    with pytest.raises(UsageError, match="are both the environment prod"):
        chosen(file, Choice("prod"))


def test_one_with_errors_is_refused_with_its_own_lines(file, tmp_path):
    (tmp_path / "environments" / "dev.yaml").write_text("var: {}\n")
    with pytest.raises(SpecError) as caught:
        chosen(file, Choice("dev"))
    assert caught.value.file.endswith("dev.yaml")
    assert check(file).valid is False, "it lies beside the workflow"
    assert check(file, Choice("prod")).valid


@pytest.mark.usefixtures("file")
def test_an_environment_can_be_checked_by_itself(tmp_path):
    assert check(tmp_path / "environments" / "dev.yaml").valid
    (tmp_path / "environments" / "dev.yaml").write_text("vars: 3\n")
    assert [one.code for one in check(tmp_path / "environments" / "dev.yaml").problems] == ["FR103"]


@pytest.mark.parametrize(
    ("flags", "environ", "expected"),
    [
        ({"env": "a"}, {"FLOWRUN_ENV": "b"}, ("a", None)),
        ({}, {"FLOWRUN_ENV": "b"}, ("b", None)),
        ({}, {}, ("c", None)),
        ({"env_file": "x.yaml"}, {"FLOWRUN_ENV": "b"}, (None, "x.yaml")),
    ],
)
def test_a_flag_goes_before_a_variable_and_that_before_the_file(tmp_path, flags, environ, expected):
    (tmp_path / "flowrun.toml").write_text('env = "c"\n')
    choice = Settings.choice(environ, tmp_path, **flags)
    assert (choice.name, choice.file and choice.file.name) == expected


def test_a_name_and_a_file_from_one_place_fight(tmp_path):
    with pytest.raises(UsageError, match="--env and --env-file both choose"):
        Settings.choice({}, tmp_path, env="a", env_file="b.yaml")


def test_the_environment_stands_between_variables_and_the_configuration(file, tmp_path):
    (tmp_path / "flowrun.toml").write_text('folder = "Mine"\nurl = "https://cloud.uipath.com/acme/other"\n')
    overlay = overlay_of(chosen(file, Choice("prod")))
    plain = Settings.load(TOKEN, tmp_path, overlay=overlay)
    assert plain.connection is not None
    assert (plain.connection.url, plain.folder) == ("https://cloud.uipath.com/acme/prod", "Finance")
    assert plain.beaten == ()
    again = Settings.load(TOKEN | {"UIPATH_FOLDER_PATH": "Variable"}, tmp_path, overlay=overlay)
    assert (again.folder, [one.name for one in again.beaten]) == ("Variable", ["folder"])
    assert Settings.load(TOKEN, tmp_path, overlay=overlay, folder="Flag").folder == "Flag"


def test_paths_of_an_environment_are_relative_to_it(file, tmp_path):
    (tmp_path / "environments" / "dev.yaml").write_text("secrets_file: secret.env\n")
    secret = tmp_path / "environments" / "secret.env"
    secret.write_text("A=value-a\n")
    secret.chmod(0o600)
    settings = Settings.load({}, tmp_path, overlay=overlay_of(chosen(file, Choice("dev"))))
    assert settings.secrets.open(["A"]) == {}


def test_a_run_remembers_where_its_orchestrator_is(file, tmp_path):
    kept = json.loads(json.dumps({"orchestrator": {}, **remembered(chosen(file, Choice("prod")))}))
    (tmp_path / "environments" / "prod.yml").unlink()
    settings = Settings.load(TOKEN, tmp_path, connected=False)
    assert settings.connection is None
    found = settings.within(recalled(kept)).connection
    assert found is not None
    assert (found.url, found.folder) == ("https://cloud.uipath.com/acme/prod", "Finance")
    assert recalled({"orchestrator": {}}) is None


def test_what_it_says_is_merged_into_the_workflow(file):
    made = make(file, Inputs({"day": "2026-11-30"}, environment=chosen(file, Choice("dev"))))
    assert made.inputs == {"day": "2026-11-30", "limit": 7}
    assert [step.timeout for step in made.plan.steps] == [60.0, 540.0]
    assert made.plan.env == {"bank": "Test"}
    with pytest.raises(SpecError) as caught:
        make(file, Inputs({"limit": "1"}))
    assert [(one.code, one.severity) for one in caught.value.problems] == [("FR286", "error")]
    assert caught.value.problems[0].hint == "Choose one: -e with dev, prod."


def test_a_run_without_a_choice_does_not_look_at_environments_that_it_does_not_need(file, tmp_path):
    (tmp_path / "environments" / "dev.yaml").write_text("broken: [\n")
    file.write_text(WORKFLOW.replace("${{ env.bank }}", "x"))
    assert make(file, Inputs({"limit": "1"})).plan.env == {}


def test_the_names_of_the_api_are_there():
    assert api.Environment.__name__ == "Environment"
    assert api.chosen is chosen


def test_the_slots_of_a_pool_may_differ_from_one_environment_to_another(file, tmp_path):
    text = WORKFLOW.replace("steps:", "pools: {sap: 4, fx: 1}\nsteps:").replace(
        "{release: Pay, needs", "{pools: [sap, fx], release: Pay, needs"
    )
    file.write_text(text)
    (tmp_path / "environments" / "dev.yaml").write_text(f"{DEV}pools: {{sap: 2}}\n")
    found = chosen(file, Choice("dev"))
    made = make(file, Inputs(environment=found))
    assert made.plan.pools == {"sap": 2, "fx": 1}
    came = {one.name: one.value for one in sources(made.file, made.loaded.document, found, made.inputs, {})}
    assert (came["pools.sap"], came["pools.fx"]) == (2, 1)
