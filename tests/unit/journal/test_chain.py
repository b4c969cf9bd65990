from __future__ import annotations

import pytest

from flowrun.journal.chain import GENESIS, link, seal
from flowrun.journal.codec import Encoded

ROW = Encoded("RunResumed", 1, 5.5, '{"epoch":2}')


def test_the_hash_of_a_record_never_changes_its_meaning() -> None:
    """Journals of every earlier version are checked with it."""
    assert link(GENESIS, "r1", 2, 1, ROW).hex() == "9b8fd1b96f178e14dd18d248311f5871f10fdb8369da405e370415b4dae9cb05"


@pytest.mark.parametrize(
    "other",
    [
        link(b"\x01" * 32, "r1", 2, 1, ROW),
        link(GENESIS, "r2", 2, 1, ROW),
        link(GENESIS, "r1", 3, 1, ROW),
        link(GENESIS, "r1", 2, 2, ROW),
        link(GENESIS, "r1", 21, 1, ROW),
        link(GENESIS, "r1", 2, 1, ROW._replace(type="RunStarted")),
        link(GENESIS, "r1", 2, 1, ROW._replace(v=2)),
        link(GENESIS, "r1", 2, 1, ROW._replace(at=5.25)),
        link(GENESIS, "r1", 2, 1, ROW._replace(data='{"epoch":3}')),
        link(GENESIS, "r1", 2, 1, ROW._replace(data="\udcff")),
    ],
)
def test_every_part_of_a_record_counts(other: bytes) -> None:
    assert other != link(GENESIS, "r1", 2, 1, ROW)


def test_a_seal_tells_values_and_their_types_apart() -> None:
    seals = [seal("a", 1), seal("a", 1.0), seal("a", "1"), seal("a", b"1"), seal("a", None), seal("a"), seal("a1")]
    assert len({*seals, seal()}) == 8
