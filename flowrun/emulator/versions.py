"""Versions: which version of its package each Release has, and which it had before.

A catalog says with which version a Release begins; a call may move it to another one that the catalog offers. The move
outlives the emulator that has its state, until the catalog names another version for the Release: then that holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flowrun.emulator.entities import Json, Release, ReleaseVersion
from flowrun.emulator.ledger import Clock, Ledger

RECORD = "release_version"


class Versions:
    """The history of every Release, by its key."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._histories: dict[str, tuple[ReleaseVersion, ...]] = {}
        self._highest = 0

    def remember(self, records: Iterable[Json]) -> None:
        """Take in what an earlier emulator recorded."""
        for record in records:
            if record["type"] == RECORD:
                one = ReleaseVersion(record["id"], record["version"], record["created"], record["catalog"])
                self._histories[record["key"]] = (*self._histories.get(record["key"], ()), one)
                self._highest = max(self._highest, one.id)

    def deployed(self, releases: Iterable[Release]) -> tuple[Release, ...]:
        """The Releases of a catalog, each with the version that it has now."""
        found = tuple(releases)
        self._highest = max([self._highest, *(release.id for release in found)])
        return tuple(self._deployed(release) for release in found)

    def move(self, release: Release, number: str) -> Release | None:
        """The Release with another version, which is recorded; None where its package has none of that number."""
        chosen = _variant(release, number)
        return None if chosen is None else self._put(chosen, release.history, release.history[-1].catalog)

    def _deployed(self, release: Release) -> Release:
        history = self._histories.setdefault(release.key, release.history)
        chosen = _variant(release, history[-1].number) if history[-1].catalog == release.version else None
        if chosen is None:
            return self._put(release, history, release.version)
        return chosen if len(history) == 1 else replace(chosen, moves=history)

    def _put(self, release: Release, history: tuple[ReleaseVersion, ...], catalog: str) -> Release:
        self._highest += 1
        now = ReleaseVersion(self._highest, release.version, self._clock(), catalog)
        for one in (*history, now) if len(history) == 1 else (now,):
            self._write(release, one)
        self._histories[release.key] = (*history, now)
        return replace(release, moves=(*history, now))

    def _write(self, release: Release, one: ReleaseVersion) -> None:
        facts = {"id": one.id, "version": one.number, "created": one.created, "catalog": one.catalog}
        self._ledger.write(RECORD, key=release.key, name=release.name, **facts)


def latest(release: Release) -> str:
    """The highest version of its package, numbers compared as numbers."""
    return max((release.version, *(one.version for one in release.others)), key=_order)


def _variant(release: Release, number: str) -> Release | None:
    every = (replace(release, others=(), moves=()), *release.others)
    chosen = next((one for one in every if one.version == number), None)
    return None if chosen is None else replace(chosen, others=tuple(one for one in every if one is not chosen))


def _order(number: str) -> tuple[tuple[int, str], ...]:
    """`1.10.0` comes after `1.9.2`, and a pre-release before what it leads to."""
    plain, _, stage = number.partition("-")
    parts = [(int(part), "") if part.isdecimal() else (0, part) for part in plain.split(".")]
    return (*parts, (0, stage) if stage else (1, ""))
