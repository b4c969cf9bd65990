"""Vault: the values of the secrets that a workflow names, from where the owner of this machine keeps them.

They come from variables of their own (`FLOWRUN_SECRET_<NAME>`), from a file that is its owner's alone, or from the
keyring; never from a variable of any other name, for then whoever writes a workflow could send any variable of this
process to a robot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flowrun.errors import UsageError
from flowrun.settings.places import Found, Variables, lines
from flowrun.settings.secrets import of_file, of_keyring

PREFIX = "FLOWRUN_SECRET_"
"""What the variables of secrets begin with; the keyring knows them by the same names."""

SHORTEST = 4
"""Characters of a secret that can be hidden: shorter ones would make holes in every other word."""


class Vault:
    """Opened for the names that a run uses; what was read once is kept for as long as the process lives."""

    def __init__(self, known: Variables | None = None, file: Found | None = None, keyring: Found | None = None) -> None:
        self._known = known or Variables({})
        self._file = file
        self._keyring = keyring
        self._values: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._values)})"

    @property
    def values(self) -> Mapping[str, str]:
        """What has been opened, by name."""
        return self._values

    def open(self, names: Iterable[str]) -> Mapping[str, str]:
        """Read the values of these; for each that cannot be used, why. Raises UsageError for a place that is unfit."""
        faults: dict[str, str] = {}
        wanted = [name for name in names if name not in self._values]
        lines_of_file = self._lines() if wanted else {}
        for name in wanted:
            value = self._known.get(PREFIX + name) or lines_of_file.get(name) or self._from_keyring(name)
            if not value:
                faults[name] = "it has no value"
            elif len(value) < SHORTEST:
                faults[name] = f"its value is shorter than {SHORTEST} characters, and could not be hidden"
            else:
                self._values[name] = value
        return faults

    def where(self, name: str) -> str:
        """Where to put a value, for a person."""
        places = [f"Set the variable {PREFIX}{name}"]
        if self._file is not None and self._file.value is not None:
            places.append(f"write a line {name}=... into {self._file.value}")
        else:
            places.append(f"write a line {name}=... into a file of mode 0600 that FLOWRUN_SECRETS_FILE names")
        if self._keyring is not None and self._keyring.value:
            places.append(f"keyring set {self._keyring.value} {PREFIX}{name}")
        return f"{', or '.join(places)}."

    def _lines(self) -> Mapping[str, str]:
        path: Path | None = self._file.value if self._file is not None else None
        if self._file is None or path is None:
            return {}
        if not path.is_file():
            reason = "is not a plain file" if path.exists() else "does not exist"
            raise UsageError(f"{path} ({self._file.source}) {reason}", hint=self._hint())
        return lines(of_file(path, self._file.source))

    def _from_keyring(self, name: str) -> str | None:
        if self._keyring is None or not self._keyring.value:
            return None
        return of_keyring(str(self._keyring.value), PREFIX + name)

    def _hint(self) -> str:
        return "It takes a file of mode 0600 with a line NAME=value for each secret."


class OnDemand(Mapping[str, str]):
    """What a vault holds, each value opened when it is first asked for: by who learns of a run's secrets only then.

    Asking for one that has no value raises UsageError, as does a place that is unfit. Those opened so far are what it
    goes over.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __getitem__(self, name: str) -> str:
        for reason in self._vault.open((name,)).values():
            raise UsageError(f"the secret {name} cannot be used here: {reason}", hint=self._vault.where(name))
        return self._vault.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._vault.values)

    def __len__(self) -> int:
        return len(self._vault.values)


class Demanded:
    """The secrets of a process that carries out parts of runs of other processes."""

    def __init__(self, vault: Vault) -> None:
        self.values: Mapping[str, str] = OnDemand(vault)
        """By name."""
