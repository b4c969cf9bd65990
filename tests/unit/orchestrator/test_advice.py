from __future__ import annotations

import pytest

from flowrun.errors import Refused
from flowrun.orchestrator.advice import EXPORT, JOBS, START, STOP, advise


@pytest.mark.parametrize("code", [1000, 1002, 1009, 1100, 1101, 1230, 1670, 1671, 2818, 4501, 4502])
def test_each_known_code_has_a_sentence(code: int) -> None:
    hint = advise(Refused("m", status=400, code=code), START, "Finance").hint
    assert hint is not None
    assert hint.endswith(".")
    assert "{" not in hint


def test_a_code_means_what_the_call_makes_of_it() -> None:
    hints = [advise(Refused("m", status=404, code=1002), call, "Finance").hint for call in (START, STOP, EXPORT)]
    assert [("Release" in str(hint), "Jobs" in str(hint)) for hint in hints] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert "--order-by" in str(advise(Refused("m", status=400, code=1000), JOBS).hint)


def test_an_unknown_code_has_none() -> None:
    assert advise(Refused("m", status=400, code=77), START).hint is None
