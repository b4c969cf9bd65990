from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowrun.errors import UsageError
from flowrun.settings import SETTINGS, Connection, Settings

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
CLOUD = {"UIPATH_URL": "https://cloud.uipath.com/acme/prod", "UIPATH_ACCESS_TOKEN": "rt_secret"}


def source_of(settings: Settings, name: str) -> str:
    return next(origin.source for origin in settings.explain() if origin.name == name)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "deep" / "down").mkdir(parents=True)
    return folder


def test_defaults_in_an_empty_folder(tmp_path):
    settings = Settings.load({}, tmp_path)
    assert settings == Settings(project=tmp_path, state_dir=tmp_path / ".flowrun")
    assert {origin.source for origin in settings.explain()} == {"default", "it is the current folder"}


def test_a_flag_wins_over_a_variable_and_that_over_the_file(project):
    (project / "flowrun.toml").write_text('quiescence = "5m"\npatience = 7\nmax_connections = 3\n')
    environ = {"FLOWRUN_QUIESCENCE": "2m", "FLOWRUN_PATIENCE": "8"}
    settings = Settings.load(environ, project / "deep" / "down", quiescence=1)
    assert (settings.quiescence, settings.patience, settings.max_connections) == (1.0, 8.0, 3)
    assert source_of(settings, "quiescence") == "--quiescence"
    assert source_of(settings, "patience") == "FLOWRUN_PATIENCE"
    assert source_of(settings, "max_connections") == f"{project / 'flowrun.toml'}: max_connections"
    assert source_of(settings, "request_timeout") == "default"


def test_a_flag_that_was_not_given_is_none(tmp_path):
    assert Settings.load({"FLOWRUN_PATIENCE": "8"}, tmp_path, patience=None).patience == 8
    with pytest.raises(TypeError, match="patients"):
        Settings.load({}, tmp_path, patients=1)


def test_the_project_is_where_the_nearest_file_is(project):
    assert Settings.load({}, project / "deep" / "down").project == project
    (project / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    (project / "deep" / "pyproject.toml").write_text('[tool.flowrun]\nstate_dir = "state"\n')
    settings = Settings.load({}, project / "deep" / "down")
    assert (settings.project, settings.state_dir) == (project / "deep", project / "deep" / "state")


def test_no_file_beyond_the_root_of_the_repository(project):
    (project.parent / "flowrun.toml").write_text("patience = 7\n")
    assert Settings.load({}, project).patience == 60


def test_paths_are_relative_to_where_they_were_written(project):
    (project / "flowrun.toml").write_text('catalog = "specs/emulator.yaml"\n')
    here = project / "deep"
    assert Settings.load({}, here).catalog == project / "specs" / "emulator.yaml"
    assert Settings.load({"FLOWRUN_CATALOG": "c.yaml"}, here).catalog == here / "c.yaml"
    assert Settings.load({}, here, catalog=Path("/c.yaml")).catalog == Path("/c.yaml")
    assert Settings.load({"FLOWRUN_STATE_DIR": "s"}, here).state_dir == here / "s"


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1.5", 1.5), ("500ms", 0.5), ("2m", 120), ("1h", 3600)])
def test_times_are_seconds_or_durations(tmp_path, text, seconds):
    assert Settings.load({"FLOWRUN_QUIESCENCE": text}, tmp_path).quiescence == seconds


def test_a_connection_with_a_token(tmp_path):
    environ = CLOUD | {"UNATTENDED_USER_ACCESS_TOKEN": "robot", "UIPATH_FOLDER_PATH": "A/B", "UIPATH_FOLDER_KEY": "k"}
    connection = Settings.load(environ, tmp_path).connection
    assert connection == Connection("https://cloud.uipath.com/acme/prod", "A/B", "robot")


def test_a_connection_with_an_application(tmp_path):
    environ = {"UIPATH_URL": "https://h/", "UIPATH_CLIENT_ID": "id", "UIPATH_CLIENT_SECRET": "pst", "UIPATH_SCOPE": "S"}
    connection = Settings.load(environ, tmp_path).connection
    assert connection == Connection("https://h", client_id="id", client_secret="pst", scope="S")


def test_secrets_are_not_shown(tmp_path):
    settings = Settings.load(CLOUD | {"UIPATH_CLIENT_ID": "id", "UIPATH_CLIENT_SECRET": "pst"}, tmp_path)
    for text in (repr(settings), repr(settings.connection), repr(settings.explain())):
        assert "rt_secret" not in text
        assert "pst" not in text
    assert source_of(settings, "access_token") == "UIPATH_ACCESS_TOKEN"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"FLOWRUN_QUIESCENCE": "abc"}, ("FLOWRUN_QUIESCENCE is 'abc'", "90s")),
        ({"FLOWRUN_QUIESCENCE": "-1"}, ("'-1'",)),
        ({"FLOWRUN_POLL_INTERVAL": "0"}, ("above 0",)),
        ({"FLOWRUN_POLL_INTERVAL": "20"}, ("poll_interval_most",)),
        ({"FLOWRUN_MAX_CONNECTIONS": "0"}, ("above 0",)),
        ({"FLOWRUN_MAX_CONNECTIONS": "2.5"}, ("whole number",)),
        ({"FLOWRUN_CATALOG": " "}, ("not empty",)),
        (CLOUD | {"UIPATH_ACCESS_TOKEN": "a\nb"}, ("UIPATH_ACCESS_TOKEN is (set, not shown)", "one line")),
        ({"UIPATH_URL": "https://h"}, ("credentials are missing", "UIPATH_ACCESS_TOKEN")),
        ({"UIPATH_ACCESS_TOKEN": "t"}, ("UIPATH_ACCESS_TOKEN is set", "UIPATH_URL")),
        ({"UIPATH_URL": "https://h", "UIPATH_CLIENT_ID": "i"}, ("beside UIPATH_CLIENT_ID", "UIPATH_CLIENT_SECRET")),
        ({"UIPATH_URL": "https://h", "UIPATH_CLIENT_SECRET": "s"}, ("beside UIPATH_CLIENT_SECRET",)),
        (CLOUD | {"UIPATH_URL": "cloud.uipath.com"}, ("a URL such as",)),
        (CLOUD | {"UIPATH_URL": "ftp://h"}, ("a URL such as",)),
        (CLOUD | {"UIPATH_URL": "https://[h"}, ("a URL such as",)),
        (CLOUD | {"UIPATH_URL": "https://h:port"}, ("a URL such as",)),
        (CLOUD | {"UIPATH_URL": "https://me:pw@h"}, ("without user",)),
        (CLOUD | {"UIPATH_URL": "https://h?x=1"}, ("without user",)),
        (CLOUD | {"UIPATH_URL": "http://orchestrator.acme.com"}, ("clear text",)),
    ],
)
def test_a_wrong_value_says_where_it_stands_and_what_it_takes(tmp_path, environ, words):
    with pytest.raises(UsageError) as caught:
        Settings.load(environ, tmp_path)
    for word in words:
        assert word in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quiescence = [1]", ("flowrun.toml: quiescence is [1]", "duration")),
        ("quiescence = true", ("True", "duration")),
        ("max_connections = true", ("whole number",)),
        ("url = 5", ("not empty",)),
        ("quiesence = 1", ("quiesence", 'mean "quiescence"')),
        ('access_token = "t"', ("must not stand in a file", "UIPATH_ACCESS_TOKEN")),
        ('client_secret = "t"', ("must not stand in a file", "UIPATH_CLIENT_SECRET")),
        ("quiescence", ("not TOML",)),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, words):
    (tmp_path / "flowrun.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        Settings.load({}, tmp_path)
    for word in words:
        assert word in f"{caught.value.message} {caught.value.hint}"


def test_a_url_on_this_machine_needs_no_tls(tmp_path):
    connection = Settings.load(CLOUD | {"UIPATH_URL": "http://127.0.0.1:8000/a/b"}, tmp_path).connection
    assert connection is not None
    assert connection.url == "http://127.0.0.1:8000/a/b"


def test_the_reference_page_has_every_setting():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (
            name,
            ", then ".join(f"`{variable}`" for variable in option.variables),
            option.default_shown or ("not set" if option.default is None else str(option.default)),
            option.help,
        )
        for name, option in SETTINGS.items()
    ]


def test_a_folder_by_the_name_of_the_file_is_no_silence(tmp_path: Path) -> None:
    (tmp_path / "flowrun.toml").mkdir()
    with pytest.raises(UsageError, match=r"flowrun\.toml cannot be read"):
        Settings.load({}, tmp_path)
