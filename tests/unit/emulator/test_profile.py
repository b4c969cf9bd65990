from __future__ import annotations

import pytest

from flowrun.emulator.profile import Counts, Kind, Profile

FULL, SHORT, BARE, NONE = "/org/tenant/orchestrator_", "/org/tenant", "/orchestrator_", ""


def test_a_kind_has_its_usual_ways_and_the_catalog_the_last_word() -> None:
    said = Profile(list_calls_per_minute=7)
    assert Profile().of(None).list_calls_per_minute == 0
    assert Profile().of(Kind.CLOUD).list_calls_per_minute == 100
    assert said.of(Kind.CLOUD).list_calls_per_minute == 7
    assert Profile(profile=Kind.STANDALONE).of(None).counts is Counts.ALWAYS
    assert Profile(profile=Kind.STANDALONE).of(Kind.SUITE).list_arguments is False


@pytest.mark.parametrize(
    ("kind", "mounts"),
    [
        (Kind.LOCAL, [FULL, SHORT, BARE, NONE]),
        (Kind.CLOUD, [FULL, SHORT]),
        (Kind.SUITE, [FULL]),
        (Kind.STANDALONE, [NONE]),
    ],
)
def test_each_kind_has_its_mounts(kind: Kind, mounts: list[str]) -> None:
    profile = Profile(profile=kind)
    assert [mount for mount in (FULL, SHORT, BARE, NONE) if profile.serves(mount)] == mounts
    assert profile.serves(profile.mount) == (kind is not Kind.SUITE)


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/identity_/connect/token", [Kind.LOCAL, Kind.CLOUD, Kind.SUITE]),
        ("/org/identity_/connect/token", [Kind.LOCAL, Kind.CLOUD, Kind.SUITE]),
        ("/identity/connect/token", [Kind.LOCAL, Kind.STANDALONE]),
        ("/api/Account/Authenticate", [Kind.LOCAL, Kind.STANDALONE]),
    ],
)
def test_each_kind_has_its_sign_in(path: str, kinds: list[Kind]) -> None:
    assert [kind for kind in Kind if Profile(profile=kind).signs_in(path)] == kinds
