import subprocess
import sys

import pytest

from flowrun import api


def test_every_name_of_the_list_is_there() -> None:
    for name in api._HOME:
        assert getattr(api, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = api.nonsense


def test_checking_a_file_loads_no_client_no_graph_library_and_no_server() -> None:
    code = "import sys; from flowrun import api; api.check; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"httpx", "networkx", "starlette", "sqlite3", "rich"} & set(loaded)
