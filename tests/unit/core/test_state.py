from __future__ import annotations

import pytest

from flowrun.core.state import leg_name


@pytest.mark.parametrize(("key", "name"), [("", "post"), ("EU", "post[EU]")])
def test_a_leg_is_called_by_its_step_and_key(key: str, name: str) -> None:
    assert leg_name("post", key) == name
