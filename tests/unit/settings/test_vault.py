from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from flowrun.errors import UsageError
from flowrun.settings import Demanded, Settings
from flowrun.settings.places import Variables
from flowrun.settings.vault import Vault


def vault(folder: Path, **environ: str) -> Vault:
    return Settings.load(environ, folder).secrets


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_variable_of_its_own_is_taken_and_one_of_the_bare_name_is_not(tmp_path):
    box = vault(tmp_path, FLOWRUN_SECRET_A="value-a", B="value-b")
    assert box.open(["A", "B"]) == {"B": "it has no value"}
    assert box.values == {"A": "value-a"}
    assert "value-a" not in repr(box)


def test_the_env_file_of_the_project_counts_as_the_environment(tmp_path):
    (tmp_path / ".env").write_text("FLOWRUN_SECRET_A=value-a\n")
    box = vault(tmp_path)
    assert box.open(["A"]) == {}
    assert box.values == {"A": "value-a"}


def test_a_file_holds_them_as_they_are_written(tmp_path):
    path = private(tmp_path / "s", "# of the bank\nA='va${HOME}lue'\nB=\"two words\"\nC=\n")
    box = vault(tmp_path, FLOWRUN_SECRETS_FILE=str(path), HOME="/home/anna", FLOWRUN_SECRET_B="from-variable")
    assert box.open(["A", "B", "C"]) == {"C": "it has no value"}
    assert box.values == {"A": "va${HOME}lue", "B": "from-variable"}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    path = private(tmp_path / "s", "A=value-a\n", mode)
    with pytest.raises(UsageError, match="can be read by others") as caught:
        vault(tmp_path, FLOWRUN_SECRETS_FILE=str(path)).open(["A"])
    assert "value-a" not in str(caught.value)


def test_a_file_that_is_none_is_refused_only_where_it_is_needed(tmp_path):
    box = vault(tmp_path, FLOWRUN_SECRETS_FILE=str(tmp_path / "none"))
    assert box.open([]) == {}
    with pytest.raises(UsageError, match="does not exist"):
        box.open(["A"])
    with pytest.raises(UsageError, match="is not a plain file"):
        vault(tmp_path, FLOWRUN_SECRETS_FILE=str(tmp_path)).open(["A"])


def test_what_is_too_short_to_be_hidden_is_refused(tmp_path):
    faults = vault(tmp_path, FLOWRUN_SECRET_PIN="123").open(["PIN"])
    assert "shorter than 4" in faults["PIN"]
    assert "123" not in faults["PIN"]


def test_the_keyring_knows_them_by_the_names_of_their_variables(tmp_path, monkeypatch):
    keyring = ModuleType("keyring")
    kept = {("acme", "FLOWRUN_SECRET_A"): "value-a"}
    keyring.get_password = lambda service, name: kept.get((service, name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    box = vault(tmp_path, FLOWRUN_KEYRING="acme")
    assert set(box.open(["A", "B"])) == {"B"}
    assert "keyring set acme FLOWRUN_SECRET_B" in box.where("B")


def test_what_was_read_is_kept(tmp_path):
    path = private(tmp_path / "s", "A=value-a\n")
    box = vault(tmp_path, FLOWRUN_SECRETS_FILE=str(path))
    box.open(["A"])
    path.unlink()
    assert box.open(["A"]) == {}
    assert "s\n" not in box.where("B")


def test_on_demand_a_value_is_opened_when_it_is_asked_for() -> None:
    values = Demanded(Vault(Variables({"FLOWRUN_SECRET_A": "value-of-a", "FLOWRUN_SECRET_B": "b"}))).values
    assert dict(values) == {}
    assert "A" in values
    assert dict(values) == {"A": "value-of-a"}
    assert len(values) == 1
    with pytest.raises(UsageError, match="the secret B cannot be used here: its value is shorter") as caught:
        _ = "B" in values
    assert "FLOWRUN_SECRET_B" in str(caught.value.hint)
    with pytest.raises(UsageError, match="the secret C cannot be used here: it has no value"):
        _ = values["C"]
