from __future__ import annotations

import re
import time

from flowrun.engines.clock import SystemClock, new_run_id


async def test_it_is_the_time_and_it_passes() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 5
    before = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.009


def test_a_run_is_called_by_its_minute_and_some_letters() -> None:
    name = new_run_id(1_700_000_000.0)
    assert re.fullmatch(r"20231114-2213-[2-9a-hjkmnp-z]{6}", name)


def test_names_sort_by_time_and_do_not_repeat() -> None:
    assert new_run_id(1_700_000_000.0) < new_run_id(1_700_000_060.0)
    assert len({new_run_id(0.0) for _ in range(1_000)}) == 1_000
