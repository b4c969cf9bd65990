from __future__ import annotations

from flowrun.simulation.fates import Fate, Fates, dice_of

CHANCES = {"lost": 0.3, "late": 0.3}


def drawn(seed: int, *places: str) -> list[Fate]:
    fates = Fates(dice_of(seed))
    for place in places:
        fates.one(place, CHANCES)
    return fates.struck


def test_a_place_that_is_not_passed_leaves_the_others_as_they_are() -> None:
    for seed in range(40):
        both = drawn(seed, "start of a:1", "start of b:1", "start of a:1")
        assert [fate for fate in both if fate.place == "start of b:1"] == drawn(seed, "start of b:1")


def test_what_is_written_strikes_where_it_is_written_and_nothing_else_does() -> None:
    written = [Fate("start of a:1", 2, "lost", 0.5)]
    fates = Fates(dice_of(1), written)
    assert fates.one("start of a:1", {"lost": 1.0}) is None
    assert fates.one("start of b:1", {"lost": 1.0}) is None
    assert fates.one("start of a:1", {}) == written[0]
    assert fates.struck == written
    assert [tuple(passing) for passing in fates.passed] == [
        ("start of a:1", 1),
        ("start of b:1", 1),
        ("start of a:1", 2),
    ]


def test_of_shares_of_one_throw_at_most_one_strikes_and_of_throws_each_may() -> None:
    fates = Fates(dice_of(3))
    assert len([fates.one("p", {"lost": 0.5, "late": 0.5}) for _ in range(50)]) == len(fates.struck) == 50
    assert set(fates.each("q", {"lost": 1.0, "late": 1.0, "cut": 0.0})) == {"lost", "late"}


def test_a_fault_with_a_word_more_is_of_its_family() -> None:
    assert Fate("p", 1, "disk-torn").family == "disk"
    assert Fate("p", 1, "lost").family == "lost"
