from pathlib import Path

import pytest

from flowrun.api.texts import read_text
from flowrun.errors import UsageError


def test_a_folder_is_refused_in_words_that_hold_for_each_kind_of_file(tmp_path: Path) -> None:
    for name in ("plan.frp", "flowrun.lock", "close.yaml"):
        (tmp_path / name).mkdir()
        with pytest.raises(UsageError, match=f"{name} is a folder, and a file is wanted here$") as caught:
            read_text(tmp_path / name)
        assert caught.value.hint is None
