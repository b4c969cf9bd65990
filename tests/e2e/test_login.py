"""`flowrun login` and `logout`: as whom, by what, and what is kept; against an emulator that checks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.elsewhere import Elsewhere
from tests.e2e.harness import Desk, Ended
from tests.surroundings import plain

CATALOG = """
releases:
  Nap: {builtin: sleep, seconds: 1}
applications:
  ci: {secret: s3cret-of-ci}
  other: {secret: s3cret-of-other}
"""
KEYRING = '''
"""A keyring as the package of that name has it, in a file."""
import json, os, pathlib

FILE = pathlib.Path(os.environ["KEYRING_OF_TESTS"])

class NoKeyringError(Exception):
    pass

def _all():
    if FILE.name == "none":
        raise NoKeyringError("No recommended backend was available. Install ...")
    return json.loads(FILE.read_text()) if FILE.exists() else {}

def get_password(service, name):
    return _all().get(f"{service}/{name}")

def set_password(service, name, text):
    FILE.write_text(json.dumps({**_all(), f"{service}/{name}": text}))

def delete_password(service, name):
    FILE.write_text(json.dumps({key: text for key, text in _all().items() if key != f"{service}/{name}"}))
'''


class Place:
    """A desk whose flowrun finds a keyring, and a home of its own."""

    def __init__(self, desk: Desk, elsewhere: Elsewhere) -> None:
        self.folder = desk.specs.parent
        self.kept = self.folder / "kept.json"
        self.elsewhere = elsewhere
        (self.folder / "keyrings").mkdir()
        (self.folder / "keyrings" / "keyring.py").write_text(KEYRING)
        (self.folder / "absent").mkdir()
        (self.folder / "absent" / "keyring.py").write_text("raise ImportError")
        self.variables = {
            **elsewhere.environment,
            "HOME": str(self.folder / "home"),
            "KEYRING_OF_TESTS": str(self.kept),
            "PYTHONPATH": str(self.folder / "keyrings"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "choices"),
        }

    def flowrun(self, *words: str, typed: str = "", environment: Mapping[str, str] | None = None) -> Ended:
        """With this on its stdin, which is no terminal."""
        clean = plain(os.environ)
        done = subprocess.run(
            [sys.executable, "-m", "flowrun", *words],
            input=typed,
            env={**clean, "NO_COLOR": "1", **self.variables, **(environment or {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def keyring(self) -> Any:
        return json.loads(self.kept.read_text()) if self.kept.exists() else {}


@pytest.fixture
def place(desk: Desk, tmp_path: Path) -> Iterator[Place]:
    elsewhere = Elsewhere(tmp_path, CATALOG)
    yield Place(desk, elsewhere)
    elsewhere.close()


def test_it_says_as_whom_and_what_there_is_beside(place: Place) -> None:
    left = place.folder / "home" / ".uipath" / "profiles" / "work" / ".auth"
    left.parent.mkdir(parents=True)
    left.write_text("UIPATH_URL=https://cloud.uipath.com\nUIPATH_ACCESS_TOKEN=of-a-profile\n")
    (place.folder / ".env").write_text("UIPATH_CLIENT_ID=ci\nUIPATH_CLIENT_SECRET=s3cret-of-ci\n")
    ended = place.flowrun("login", "-o", "json")
    assert ended.code == 0, ended.err
    found = ended.data
    assert (found["signed_in"], found["folders"]) == (True, ["Shared"])
    assert found["way"] == f"application ci, with the secret from UIPATH_CLIENT_SECRET in {place.folder / '.env'}"
    assert "client ci" in found["facts"]
    assert found["others"] == [
        {"text": f"a token that {left} holds (uip's profile work)", "host": "cloud.uipath.com", "fault": None}
    ]
    shown = place.flowrun("login")
    assert [secret in shown.out + shown.err for secret in ("s3cret", "of-a-profile")] == [False, False]
    assert place.elsewhere.requests("StartJobs") == []


def test_what_does_not_work_is_code_5_and_says_what_there_is(place: Place) -> None:
    given = {"UIPATH_CLIENT_ID": "ci", "UIPATH_CLIENT_SECRET": "wrong"}
    ended = place.flowrun("login", environment=given)
    assert ended.code == 5, ended.err
    assert "not signed in" in ended.out
    assert "the secret from UIPATH_CLIENT_SECRET" in ended.out
    assert "invalid_client" in ended.err
    none = place.flowrun("login")
    assert (none.code, "credentials are missing" in none.err, "sign-in by browser" in none.err) == (3, True, True)
    nobody = place.flowrun("login", "--context", "local")
    assert (nobody.code, "nobody need sign in" in nobody.err) == (0, True)


def test_a_credential_is_kept_when_it_works_and_used_and_taken_out_again(place: Place) -> None:
    named = {"FLOWRUN_KEYRING": "acme"}
    wrong = place.flowrun("login", "--store", "keyring", typed="ci\nwrong\n", environment=named)
    assert (wrong.code, place.keyring()) == (5, {})
    ended = place.flowrun("login", "--store", "keyring", typed="ci\ns3cret-of-ci\n", environment=named)
    assert ended.code == 0, ended.err
    assert place.keyring() == {"acme/UIPATH_CLIENT_ID": "ci", "acme/UIPATH_CLIENT_SECRET": "s3cret-of-ci"}
    assert "s3cret" not in ended.out + ended.err
    assert place.flowrun("jobs", "list", environment=named).code == 0
    assert "keyring" in place.flowrun("login", "-o", "json", environment=named).data["way"]

    token = place.elsewhere.issued()
    assert place.flowrun("login", "--store", "keyring", typed=f"{token}\n", environment=named).code == 0
    assert place.keyring() == {"acme/UIPATH_ACCESS_TOKEN": token}

    place.kept.write_text(json.dumps({**place.keyring(), "acme/FLOWRUN_SECRET_X": "stays"}))
    gone = place.flowrun("logout", "-o", "json", environment=named)
    assert (gone.code, gone.data["removed"]) == (0, ["UIPATH_ACCESS_TOKEN"])
    assert place.keyring() == {"acme/FLOWRUN_SECRET_X": "stays"}
    assert "has nothing under acme" in place.flowrun("logout", environment=named).err
    assert place.flowrun("login", environment=named).code == 3


def test_the_secret_of_the_application_that_is_configured(place: Place) -> None:
    (place.folder / "flowrun.toml").write_text('[context.mine]\nclient_id = "other"\nkeyring = "mine"\n')
    chosen = {"FLOWRUN_CONTEXT": "mine", "UIPATH_ACCESS_TOKEN": "stale"}
    ended = place.flowrun("login", "--store", "keyring", typed="s3cret-of-other", environment=chosen)
    assert ended.code == 0, ended.err
    assert place.keyring() == {"mine/UIPATH_CLIENT_SECRET": "s3cret-of-other"}
    assert place.flowrun("jobs", "list", environment={"FLOWRUN_CONTEXT": "mine"}).code == 0


def test_a_profile_of_uip_brings_its_own_url(place: Place) -> None:
    left = place.folder / "home" / ".uipath" / "profiles" / "work" / ".auth"
    left.parent.mkdir(parents=True)
    url = place.elsewhere.emulator.url
    left.write_text(
        f"UIPATH_URL={place.elsewhere.origin}\nUIPATH_ACCESS_TOKEN={place.elsewhere.issued()}\n"
        "UIPATH_ORGANIZATION_NAME=local\nUIPATH_TENANT_NAME=default\n"
    )
    before = left.read_text()
    bare = {"UIPATH_URL": "", "UIPATH_ACCESS_TOKEN": "of-another"}
    ended = place.flowrun("login", "--from-uip", "work", environment=bare)
    assert ended.code == 0, ended.err
    assert f'url = "{url}", uip_profile = "work"' in ended.err
    (place.folder / "flowrun.toml").write_text(f'[context.work]\nurl = "{url}"\nuip_profile = "work"\n')
    assert place.flowrun("jobs", "list", "--context", "work", environment={"UIPATH_URL": ""}).code == 0
    assert left.read_text() == before
    unknown = place.flowrun("login", "--from-uip", "wrok", environment=bare)
    assert (unknown.code, "did you mean work?" in unknown.err) == (3, True)
    other = place.flowrun("login", "--from-uip", "work", environment={"UIPATH_URL": "https://cloud.uipath.com/a/b"})
    assert (other.code, "is for 127.0.0.1" in other.err) == (3, True)


@pytest.mark.parametrize(
    ("words", "typed", "variables", "said"),
    [
        ((), "t", {}, 'Write keyring = "flowrun-'),
        ((), "", {"FLOWRUN_KEYRING": "a"}, "stdin has 0 lines"),
        ((), "a\nb\nc\n", {"FLOWRUN_KEYRING": "a"}, "a token, or client id and secret"),
        (("--token",), "a\nb\n", {"FLOWRUN_KEYRING": "a"}, "It takes a token"),
        ((), "two words", {"FLOWRUN_KEYRING": "a"}, "what was typed is (set, not shown)"),
        (("--from-uip", "x"), "", {}, "one without the other"),
        ((), "the-token", {"FLOWRUN_KEYRING": "a", "KEYRING_OF_TESTS": "/nowhere/none"}, "has no keyring"),
        ((), "the-token", {"FLOWRUN_KEYRING": "a", "PYTHONPATH": "absent"}, "keyring is not installed"),
    ],
)
def test_what_cannot_be_kept(
    place: Place, words: tuple[str, ...], typed: str, variables: dict[str, str], said: str
) -> None:
    if said.startswith(("has no keyring", "keyring is not")):
        typed = place.elsewhere.issued()
    ended = place.flowrun("login", "--store", "keyring", *words, typed=typed, environment=variables)
    assert ended.code == 3, ended.err
    assert said in ended.err
    assert place.keyring() == {}
